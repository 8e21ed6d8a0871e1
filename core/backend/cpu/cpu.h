// The CPU's functions of the table; one file a family, named like the family in core/autograd.
#pragma once

#include "core/backend/access.h"
#include "core/backend/backend.h"

namespace pretext::cpu {

#define OPERATION(name, parameters) void name parameters;
#include "core/backend/operations.def"
#undef OPERATION

void sumRows(const Tensor &x, Tensor &y); // [M, D] -> [D], a bias's gradient

void *allocate(size_t bytes);
void release(void *data, size_t bytes);
void toHost(const Tensor &x, void *destination);
void fromHost(const void *source, Tensor &y);
MemoryStatistics memory();
void beginMemoryPeak();
size_t memoryPeak();
void giveBack();
std::string choices();
DeviceInfo information();

} // namespace pretext::cpu
