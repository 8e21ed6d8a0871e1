#include "core/backend/cpu/parallel.h"

#include "core/system/threads.h"

namespace pretext {

void setThreads([[maybe_unused]] int count)
{
#ifdef _OPENMP
    omp_set_num_threads(count > 0 ? count : chooseThreads(0).count);
#endif
}

int threads()
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

} // namespace pretext
