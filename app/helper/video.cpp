// pretext-video: frames as a video, by OpenCV's writer in a process of its own, whose libraries (FFmpeg, GStreamer) take long to load and are wanted for this alone.
// Pretext starts it; a user need not.
//
//   pretext-video OUT WIDTH HEIGHT FRAMES-A-SECOND < frames       each frame HEIGHT x WIDTH x 3 bytes, blue, green, red
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/videoio.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

int failVideo(const std::string &what)
{
    std::cerr << what << std::endl;
    return 1;
}

bool endsIn(const std::string &name, const std::string &suffix)
{
    return name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 5) {
        std::cerr << "usage: pretext-video OUT WIDTH HEIGHT FRAMES-A-SECOND < frames\n";
        return 2;
    }
    const std::string out = argv[1];
    const cv::Size size(std::atoi(argv[2]), std::atoi(argv[3]));
    if (size.width < 1 || size.height < 1 || std::atof(argv[4]) <= 0)
        return failVideo("pretext-video: " + std::string(argv[2]) + " x " + argv[3] + " at " + argv[4] + " frames a second is no video");
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    const bool jpeg = endsIn(out, ".avi");
    if (!jpeg && !endsIn(out, ".mp4"))
        return failVideo(out + ": end the name in .avi, .mp4 or .gif");
    cv::VideoWriter writer;
    const int codec = jpeg ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G') : cv::VideoWriter::fourcc('m', 'p', '4', 'v');
    if (!writer.open(out, jpeg ? cv::CAP_OPENCV_MJPEG : cv::CAP_ANY, codec, std::atof(argv[4]), size))
        return failVideo(out + ": could not be begun: the folder is not writable, or there is no codec for it here; .avi needs none");
    cv::Mat frame(size, CV_8UC3);
    const size_t bytes = frame.total() * frame.elemSize();
    for (size_t read; (read = std::fread(frame.data, 1, bytes, stdin)) > 0;) {
        if (read < bytes)
            return failVideo(out + ": the last frame came in part only");
        writer.write(frame);
    }
    writer.release();
    return 0;
}
