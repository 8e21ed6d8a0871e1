#include "core/backend/cuda/cublas.h"

#include <dlfcn.h>

namespace pretext::cuda {

namespace {

template<class Function>
bool find(void *library, const char *name, Function &function)
{
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

const Cublas *load()
{
    static Cublas found{};
    for (const char *name : {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11", "libcublas.so"})
        if (void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL))
            if (find(library, "cublasCreate_v2", found.create) && find(library, "cublasSetStream_v2", found.setStream)
                && find(library, "cublasSetWorkspace_v2", found.setWorkspace) && find(library, "cublasGemmEx", found.gemm)) {
                found.name = name;
                return &found;
            }
    return nullptr;
}

} // namespace

const Cublas *cublas()
{
    static const Cublas *const library = load();
    return library;
}

} // namespace pretext::cuda
