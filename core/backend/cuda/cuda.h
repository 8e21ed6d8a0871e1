// The device's functions of the table; one file a family, named like the family in core/backend/cpu.
#pragma once

#include "core/backend/backend.h"

namespace pretext::cuda {

#define OPERATION(name, parameters) void name parameters;
#include "core/backend/operations.def"
#undef OPERATION

void *allocate(size_t bytes);
void release(void *data, size_t bytes);
void toHost(const Tensor &x, void *destination);
void fromHost(const void *source, Tensor &y);
void *allocateForUpload(size_t bytes);
void upload(const void *source, Tensor &y);
std::unique_ptr<HostCopy> copyToHost(std::span<const Tensor> tensors);
MemoryStatistics memory();
void beginMemoryPeak();
size_t memoryPeak();
void giveBack();
void makeViews(const ViewPlan &plan, std::span<const Tensor> y);
void synchronize();
std::string choices();
DeviceInfo information();

void sumRows(const Tensor &x, const Tensor &y); // [M, D] -> [D], a bias's gradient

} // namespace pretext::cuda
