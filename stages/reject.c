/* reject.c - how a stage refuses: a verdict about the document is not an error of ours. */
#include "pixels.h"

enum rc
reject(struct result *result, enum reason reason, uint32_t detail)
{
    result->verdict = VERDICT_REJECT;
    result->reason = reason;
    result->detail = detail;
    return RC_OK;
}
