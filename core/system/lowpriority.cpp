#include "core/system/lowpriority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace pretext {

void lowerPriorityOfThisThread()
{
#ifdef __linux__
    constexpr int kNice = 5;
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice); // Linux takes a thread's id here; POSIX knows processes alone
#endif
}

} // namespace pretext
