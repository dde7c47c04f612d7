/*
 * second_rows.c - one row of outputs of a convolution, three ways with one result.
 *
 * Inputs are 0..127 and weights -127..127: two products fit 16 bits, so that AVX2's pairwise step never saturates and
 * the sums of all three ways are equal.  What follows a sum is one multiplication, one addition and one rounding in
 * single precision, never fused.
 */
#include "second_net.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define MOST 127.0f

/* From sums to outputs; o: the first output of the block. */
static inline void
finish_plain(const struct row_work *w, int pixel, int o, const int32_t *sum, int lanes)
{
    const struct layer *l = w->layer;
    const size_t at = (size_t)pixel * (size_t)l->out + (size_t)o;

    for (int i = 0; i < lanes; i++) {
        float v = (float)sum[i] * l->factor[o + i];

        v = v + l->offset[o + i];
        if (l->raw) {
            w->raw[at + (size_t)i] = v;
            continue;
        }
        v = v > 0 ? v : 0;
        if (w->input != NULL) {
            float kept = (float)w->input[at + (size_t)i] * l->share;

            v = v + kept;
        }
        v = v < MOST ? v : MOST;
        w->out[at + (size_t)i] = (uint8_t)lrintf(v);
    }
}

static inline int
lanes_of(const struct layer *l, int o)
{
    return l->out - o < LANES ? l->out - o : LANES;
}

void
second_row_scalar(const struct row_work *w)
{
    const struct layer *l = w->layer;

    for (int o = 0; o < l->out; o += LANES)
        for (int p = 0; p < w->pixels; p++) {
            const int8_t *weights = l->packed + (size_t)o * (size_t)l->taps * (size_t)l->run * 4;
            int32_t sum[LANES] = { 0 };

            for (int t = 0; t < l->taps; t++) {
                const uint8_t *x = w->taps[t] + (size_t)p * w->step;

                for (int k = 0; k < l->run; k++, weights += LANES * 4)
                    for (int i = 0; i < LANES; i++)
                        for (int j = 0; j < 4; j++)
                            sum[i] += x[k * 4 + j] * weights[i * 4 + j];
            }
            finish_plain(w, p, o, sum, lanes_of(l, o));
        }
}

#if defined(__x86_64__)

/* ---- AVX2 ------------------------------------------------------------------------ */

bool
second_has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

__attribute__((target("avx2"))) static inline void
finish_avx2(const struct row_work *w, int pixel, int o, __m256i low, __m256i high)
{
    int32_t sum[LANES];

    _mm256_storeu_si256((__m256i *)sum, low);
    _mm256_storeu_si256((__m256i *)(sum + 8), high);
    finish_plain(w, pixel, o, sum, lanes_of(w->layer, o));
}

/* n pixels by 16 outputs; n is a constant wherever this is used. */
__attribute__((target("avx2"), always_inline)) static inline void
tile_avx2(const struct row_work *w, int pixel, int o, const int n)
{
    const struct layer *l = w->layer;
    const int8_t *weights = l->packed + (size_t)o * (size_t)l->taps * (size_t)l->run * 4;
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i low[4], high[4];

    for (int i = 0; i < n; i++)
        low[i] = high[i] = _mm256_setzero_si256();
    for (int t = 0; t < l->taps; t++) {
        const uint8_t *x = w->taps[t] + (size_t)pixel * w->step;

        for (int k = 0; k < l->run; k++, weights += 64) {
            const __m256i a = _mm256_load_si256((const __m256i *)weights);
            const __m256i b = _mm256_load_si256((const __m256i *)(weights + 32));

            for (int i = 0; i < n; i++) {
                int32_t four;
                __m256i v;

                memcpy(&four, x + (size_t)i * w->step + (size_t)k * 4, sizeof four);
                v = _mm256_set1_epi32(four);
                low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(_mm256_maddubs_epi16(v, a), ones));
                high[i] = _mm256_add_epi32(high[i], _mm256_madd_epi16(_mm256_maddubs_epi16(v, b), ones));
            }
        }
    }
    for (int i = 0; i < n; i++)
        finish_avx2(w, pixel + i, o, low[i], high[i]);
}

__attribute__((target("avx2"))) void
second_row_avx2(const struct row_work *w)
{
    for (int o = 0; o < w->layer->out; o += LANES) {
        int p = 0;

        for (; p + 4 <= w->pixels; p += 4)
            tile_avx2(w, p, o, 4);
        for (; p < w->pixels; p++)
            tile_avx2(w, p, o, 1);
    }
}

/* ---- AVX-512 with VNNI ----------------------------------------------------------- */

#define TARGET_512 target("avx512f,avx512bw,avx512vl,avx512vnni")

bool
second_has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

__attribute__((TARGET_512)) static inline void
finish_avx512(const struct row_work *w, int pixel, int o, __m512i sum)
{
    const struct layer *l = w->layer;
    const size_t at = (size_t)pixel * (size_t)l->out + (size_t)o;
    const __mmask16 mask = (__mmask16)(0xffffu >> (LANES - lanes_of(l, o)));
    __m512 v = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_loadu_ps(l->factor + o));

    v = _mm512_add_ps(v, _mm512_loadu_ps(l->offset + o));
    if (l->raw) {
        _mm512_mask_storeu_ps(w->raw + at, mask, v);
        return;
    }
    v = _mm512_max_ps(v, _mm512_setzero_ps());
    if (w->input != NULL) {
        const __m128i bytes = _mm_maskz_loadu_epi8(mask, w->input + at);

        v = _mm512_add_ps(v, _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)), _mm512_set1_ps(l->share)));
    }
    v = _mm512_min_ps(v, _mm512_set1_ps(MOST));
    _mm_mask_storeu_epi8(w->out + at, mask, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v)));
}

/* n pixels by 16 or, with two, 32 outputs; both are constants wherever this is used. */
__attribute__((TARGET_512, always_inline)) static inline void
tile_avx512(const struct row_work *w, int pixel, int o, const int n, const bool two)
{
    const struct layer *l = w->layer;
    const size_t block = (size_t)LANES * (size_t)l->taps * (size_t)l->run * 4;
    const int8_t *weights = l->packed + (size_t)(o / LANES) * block;
    __m512i low[8], high[8];

    for (int i = 0; i < n; i++)
        low[i] = high[i] = _mm512_setzero_si512();
    for (int t = 0; t < l->taps; t++) {
        const uint8_t *x = w->taps[t] + (size_t)pixel * w->step;

        for (int k = 0; k < l->run; k++, weights += 64) {
            const __m512i a = _mm512_load_si512(weights);
            const __m512i b = two ? _mm512_load_si512(weights + block) : a;

            for (int i = 0; i < n; i++) {
                int32_t four;
                __m512i v;

                memcpy(&four, x + (size_t)i * w->step + (size_t)k * 4, sizeof four);
                v = _mm512_set1_epi32(four);
                low[i] = _mm512_dpbusd_epi32(low[i], v, a);
                if (two)
                    high[i] = _mm512_dpbusd_epi32(high[i], v, b);
            }
        }
    }
    for (int i = 0; i < n; i++) {
        finish_avx512(w, pixel + i, o, low[i]);
        if (two)
            finish_avx512(w, pixel + i, o + LANES, high[i]);
    }
}

__attribute__((TARGET_512)) void
second_row_avx512(const struct row_work *w)
{
    int o = 0;

    for (; o + LANES < w->layer->out; o += 2 * LANES) {
        int p = 0;

        for (; p + 8 <= w->pixels; p += 8)
            tile_avx512(w, p, o, 8, true);
        for (; p < w->pixels; p++)
            tile_avx512(w, p, o, 1, true);
    }
    for (int p = 0; o < w->layer->out && p < w->pixels; p++)
        tile_avx512(w, p, o, 1, false);
}

#else /* other machines add up one by one */

bool
second_has_avx2(void)
{
    return false;
}

bool
second_has_avx512(void)
{
    return false;
}

void
second_row_avx2(const struct row_work *w)
{
    second_row_scalar(w);
}

void
second_row_avx512(const struct row_work *w)
{
    second_row_scalar(w);
}

#endif
