// The window's entry: `pretext [SESSION-or-RUN]`.
#pragma once

namespace pretext {

int runWindow(int argc, char **argv);

} // namespace pretext
