// bfloat16 of CUDA on the host: its storage alone, the kernels convert by themselves.
#pragma once

#include <cstdint>

struct __nv_bfloat16
{
    uint16_t bits;
};
