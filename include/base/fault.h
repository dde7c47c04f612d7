/*
 * fault.h - points where a test can make us die or fail; nothing in a release build.
 *
 * ESCRIBA_FAULT="name:N:kill" or "name:N:fail" acts on the Nth pass of that point.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef ESCRIBA_FAULTS
/* True when the caller should behave as if the thing failed. */
bool fault_point(const char *name);
#else
#define fault_point(name) (false)
#endif

#endif
