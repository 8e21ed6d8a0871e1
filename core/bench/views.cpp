// Two views each of 256 images of 28 x 28 x 1, with crop, flip, jitter and blur, as the loader makes them, or the card.
#include "core/bench/images.h"
#include "core/bench/row.h"

#include "core/data/loader.h"

namespace pretext::bench {

namespace {

class MakeViews : public SteppedWork
{
public:
    MakeViews()
    {
        const std::shared_ptr<const Dataset> dataset = blobs(4096);
        const RunConfig config = blobConfig(*dataset, 16);
        LoaderOptions options;
        options.batchSize = static_cast<int>(config.batch);
        options.ahead = 0;
        m_loader = std::make_unique<Loader>(dataset, config.knobs, options);
    }

protected:
    void step() override
    {
        std::unique_ptr<Batch> batch = m_loader->next(m_number++, {});
        if (batch->planned)
            batch->planned->made();
        m_loader->recycle(std::move(batch));
    }

private:
    std::unique_ptr<Loader> m_loader;
    int64_t m_number = 0;
};

} // namespace

std::vector<Row> viewsRows()
{
    return {{.name = "views", .help = "512 views of 28x28x1: crop, flip, jitter, blur", .steps = 10, .make = [](const Row &) -> std::unique_ptr<Work> {
                 return std::make_unique<MakeViews>();
             }}};
}

} // namespace pretext::bench
