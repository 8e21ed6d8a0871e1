// The scenes of Shapes told in words: every sentence's facts can be checked against the scene's factors.
#include "core/data/sources/scene.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

constexpr int64_t kTrainCaptions = 50000, kTestCaptions = 10000;
constexpr uint64_t kCaptionSeed = 0x43415054494F4E53; // of the choice of words

std::string withArticle(const std::string &word)
{
    return (word[0] == 'o' ? "an " : "a ") + word;
}

std::string capitalised(std::string text)
{
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

/// Six ways to say the same five facts; the last says also what the shape is not.
std::string tell(const SceneFacts &f, Random &random)
{
    const std::string shape = f.shape, thing = f.size + " " + f.colour + " " + shape, ground = withArticle(f.background) + " background";
    switch (random.below(6)) {
    case 0: return capitalised(withArticle(thing)) + " " + f.place + " on " + ground + ".";
    case 1: return "The " + shape + " is " + f.size + " and " + f.colour + ". It lies " + f.place + ", on " + ground + ".";
    case 2: return "On " + ground + " there is " + withArticle(thing) + "; it is " + f.place + ".";
    case 3:
        return "There is one shape: " + withArticle(shape) + ". Its colour is " + f.colour + ", its size " + f.size + ", and it is " + f.place
               + ". The background is " + f.background + ".";
    case 4:
        return capitalised(f.place) + " of " + withArticle(f.background) + " picture there is " + withArticle(f.colour + " " + shape) + ", and it is " + f.size
               + ".";
    default: {
        const std::vector<std::string> &shapes = sceneWords().shapes;
        const auto own = static_cast<uint32_t>(std::find(shapes.begin(), shapes.end(), shape) - shapes.begin());
        const auto count = static_cast<uint32_t>(shapes.size());
        const std::string &other = shapes[(own + 1 + random.below(count - 1)) % count];
        return "This is not " + withArticle(other) + " but " + withArticle(thing) + " " + f.place + ", and the background is " + f.background + ".";
    }
    }
}

/// A second sentence, now and then: how the shape is turned. Of a circle nobody can tell.
std::string tellTurn(const SceneFacts &f, Random &random)
{
    if (f.shape == "circle" || random.below(2) == 0)
        return {};
    return f.turn == 0 ? " It stands upright." : f.turn > 0 ? " It leans to the left." : " It leans to the right.";
}

class Captions : public Dataset
{
public:
    Captions()
    {
        const SceneWords &words = sceneWords();
        m_info.name = "shapes-captions";
        m_info.modality = Modality::text;
        m_info.tokenizer = "word";
        m_info.columns = {{"shape", words.shapes}, {"colour", words.colours}, {"background", words.colours}, {"size", words.sizes}, {"place", words.places}};
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? kTrainCaptions : kTestCaptions; }

    std::string text(Split split, int64_t index) const override
    {
        checkIndex(*this, split, index);
        const SceneFacts facts = sceneFacts(split, index);
        Random random(kCaptionSeed, split == Split::train ? 0 : 1, static_cast<uint32_t>(index));
        std::string text = tell(facts, random);
        return text + tellTurn(facts, random);
    }

    float label(Split split, int64_t index, int column) const override
    {
        checkIndex(*this, split, index);
        const SceneFacts f = sceneFacts(split, index);
        const std::string *const values[] = {&f.shape, &f.colour, &f.background, &f.size, &f.place};
        if (column < 0 || column >= static_cast<int>(m_info.columns.size()))
            throw std::out_of_range("[shapes-captions] no label column " + std::to_string(column));
        const std::vector<std::string> &classes = m_info.columns[static_cast<size_t>(column)].classes;
        return static_cast<float>(std::find(classes.begin(), classes.end(), *values[column]) - classes.begin());
    }

private:
    DatasetInfo m_info;
};

} // namespace

DatasetType captionsSource()
{
    return {"shapes-captions", PRETEXT_SAID("50 000 + 10 000 descriptions of Shapes' scenes: shape, colour, background, size, place; needs no file"),
            [] { return true; }, [] { return std::shared_ptr<const Dataset>(std::make_shared<Captions>()); }, Modality::text};
}

} // namespace pretext
