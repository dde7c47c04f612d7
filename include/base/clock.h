/*
 * clock.h - time.  Leases and orders use the database's clock; this one is for
 * waiting and measuring.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);       /* monotonic */
int64_t clock_wall_ms(void);  /* since 1970; ESCRIBA_NOW (seconds) overrides it in tests */
void clock_sleep_ms(int64_t ms);

#endif
