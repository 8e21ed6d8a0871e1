#include "core/backend/cpu/parallel.h"

namespace pretext {

void setThreads([[maybe_unused]] int count)
{
#ifdef _OPENMP
    omp_set_num_threads(count > 0 ? count : omp_get_num_procs());
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
