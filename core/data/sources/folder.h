// What may be asked of data that are a folder of pictures, packed or not.
#pragma once

#include "core/data/dataset.h"

namespace pretext {

/// What a data set is as well where it may be such a folder.
class Resizable
{
public:
    virtual ~Resizable() = default;
    virtual bool isResized() const = 0;
};

/// Whether DatasetOptions acts on the data: their pictures are resized, and read in colour or in grey.
bool isResized(const Dataset &dataset);

} // namespace pretext
