#include "core/system/heap.h"

#include <malloc.h>

namespace pretext {

void trimHeap()
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

} // namespace pretext
