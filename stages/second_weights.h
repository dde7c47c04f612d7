/* second_weights.h - the second reader's weights, as bench/train_reader wrote them: bytes of the program. */
#ifndef STAGES_SECOND_WEIGHTS_H
#define STAGES_SECOND_WEIGHTS_H

#include <stdint.h>

extern const uint8_t second_weights[], second_weights_end[];

#endif
