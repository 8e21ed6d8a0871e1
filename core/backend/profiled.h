// Times the operations that a thread asks of a backend. While somebody listens on a thread, backend() gives it a table of the same
// operations that tell what ran; without a listener that is one comparison an operation. Built from operations.def, so none is forgotten.
#pragma once

#include "core/backend/backend.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pretext {

enum class OperationId : uint8_t {
#define OPERATION(name, parameters) name,
#include "core/backend/operations.def"
#undef OPERATION
};

constexpr size_t kOperationCount = 0
#define OPERATION(name, parameters) +1
#include "core/backend/operations.def"
#undef OPERATION
    ;

const char *nameOf(OperationId operation);

/// One operation that ran on the listening thread; those that it calls itself are part of it.
struct OperationRun
{
    OperationId operation;
    std::chrono::steady_clock::time_point begin, end;
    double flop;         // multiplications and additions of the direct algorithm; 0 where they are not counted
    Shape input, output; // of its first tensor and of its last
};

class OperationListener
{
public:
    virtual ~OperationListener() = default;
    virtual void ran(const OperationRun &run) = 0;
};

/// While alive, `listener` hears of the operations of the thread that made this; null: nobody does.
class ListenToOperations
{
public:
    explicit ListenToOperations(OperationListener *listener);
    ~ListenToOperations();
    ListenToOperations(const ListenToOperations &) = delete;
    ListenToOperations &operator=(const ListenToOperations &) = delete;

private:
    OperationListener *m_before;
};

bool operationsAreHeard();                     // on this thread
const Backend &profiledBackend(Device device); // throws as backend() does

} // namespace pretext
