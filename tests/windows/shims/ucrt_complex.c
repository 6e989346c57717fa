/* The complex functions of Windows' C library. Wine 8 only names them, and numpy calls them while it is imported.
 *
 * Microsoft's compiler knows no complex type: it hands over structures of two numbers, and its long double is a double.
 * shims.py links this with a list that sends every other name on to Wine's own library. */
#include <complex.h>

struct wide { double real, imaginary; };
struct narrow { float real, imaginary; };
union wide_value { struct wide parts; double _Complex whole; };
union narrow_value { struct narrow parts; float _Complex whole; };

#define TO_COMPLEX(name)                                                                                              \
    struct wide own_##name(struct wide z)                                                                             \
    {                                                                                                                 \
        union wide_value in = {.parts = z}, out = {.whole = name(in.whole)};                                          \
        return out.parts;                                                                                             \
    }                                                                                                                 \
    struct narrow own_##name##f(struct narrow z)                                                                      \
    {                                                                                                                 \
        union narrow_value in = {.parts = z}, out = {.whole = name##f(in.whole)};                                     \
        return out.parts;                                                                                             \
    }
#define TO_REAL(name)                                                                                                 \
    double own_##name(struct wide z)                                                                                  \
    {                                                                                                                 \
        union wide_value in = {.parts = z};                                                                           \
        return name(in.whole);                                                                                        \
    }                                                                                                                 \
    float own_##name##f(struct narrow z)                                                                              \
    {                                                                                                                 \
        union narrow_value in = {.parts = z};                                                                         \
        return name##f(in.whole);                                                                                     \
    }

TO_COMPLEX(cacos) TO_COMPLEX(cacosh) TO_COMPLEX(casin) TO_COMPLEX(casinh) TO_COMPLEX(catan) TO_COMPLEX(catanh)
TO_COMPLEX(ccos) TO_COMPLEX(ccosh) TO_COMPLEX(csin) TO_COMPLEX(csinh) TO_COMPLEX(ctan) TO_COMPLEX(ctanh)
TO_COMPLEX(cexp) TO_COMPLEX(clog) TO_COMPLEX(csqrt) TO_COMPLEX(conj) TO_COMPLEX(cproj)
TO_REAL(cabs) TO_REAL(carg) TO_REAL(creal) TO_REAL(cimag)

struct wide own_cpow(struct wide base, struct wide exponent)
{
    union wide_value a = {.parts = base}, b = {.parts = exponent}, out = {.whole = cpow(a.whole, b.whole)};
    return out.parts;
}

struct narrow own_cpowf(struct narrow base, struct narrow exponent)
{
    union narrow_value a = {.parts = base}, b = {.parts = exponent}, out = {.whole = cpowf(a.whole, b.whole)};
    return out.parts;
}
