/*
 * second_weights.c - the file second_weights.bin, taken into the program by the assembler.
 *
 * So the weights cannot be missing, and no path to them exists inside the cage.
 */
#include "second_weights.h"

__asm__(".section .rodata\n"
        ".balign 64\n"
        ".global second_weights\n"
        "second_weights:\n"
        ".incbin \"" SECOND_WEIGHTS_FILE "\"\n"
        ".global second_weights_end\n"
        "second_weights_end:\n"
        ".byte 0\n"
        ".previous\n");
