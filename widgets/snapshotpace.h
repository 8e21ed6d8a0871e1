// How often the window asks for a snapshot: as often as it can show them without taking more of the processor from the training than its share.
#pragma once

namespace pretext {

/// Seconds from one snapshot to the next, where showing one takes the window's thread `cost` seconds of processor time and the machine runs
/// `threads` threads at once. Training fills them all, so a machine with few of them pays for every snapshot with steps.
double snapshotInterval(double cost, int threads);

/// Processor time that this thread has taken.
double processorSeconds();

class SnapshotPace
{
public:
    /// To be called on the window's thread at each snapshot: the interval to keep, from what the thread has done since the last.
    double next();

private:
    double m_before = -1;
};

} // namespace pretext
