/* The random bytes that programs written in Rust (uv.exe) ask bcryptprimitives.dll for; Wine 8 has no such library. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *bytes, SIZE_T count)
{
    const ULONG most = 1 << 20;
    for (SIZE_T done = 0; done < count;) {
        ULONG part = count - done < most ? (ULONG)(count - done) : most;
        if (!RtlGenRandom(bytes + done, part))
            return FALSE;
        done += part;
    }
    return TRUE;
}
