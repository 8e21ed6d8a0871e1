// What each device's folder provides to backend.cpp. Which of the two CUDA files is linked decides what cuda::table does.
#pragma once

#include "core/backend/backend.h"

namespace pretext {

namespace cpu {
const Backend &table();
}
namespace cuda {
const Backend &table();
bool available();
std::string missing(); // why it is not
}

} // namespace pretext
