#include "core/analysis/ensemble.h"

#include "core/analysis/features.h"
#include "core/analysis/modalityanalysis.h"
#include "core/data/modalitytype.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

namespace pretext {

namespace {

std::string shapeInWords(ImageShape shape)
{
    return std::to_string(shape.height) + " x " + std::to_string(shape.width) + " x " + std::to_string(shape.channels);
}

void requireSameInput(const Ensemble &ensemble, size_t i)
{
    const InputShape first = ensemble.members[0]->state.input(), other = ensemble.members[i]->state.input();
    const std::string &name = ensemble.names[0], &otherName = ensemble.names[i];
    if (first.modality != other.modality)
        throw std::invalid_argument("[ensemble] "
                                    + said("%1 reads %2, %3 reads %4: join runs on the same kind of data",
                                           {name, said(toText(first.modality)), otherName, said(toText(other.modality))}));
    if (!(first.image == other.image))
        throw std::invalid_argument("[ensemble] "
                                    + said("%1 was made for images of %2, %3 for %4 (height x width x channels): join runs on images of one shape",
                                           {name, shapeInWords(first.image), otherName, shapeInWords(other.image)}));
}

/// The share of all that is done while member `i` has done its own.
ShareDone shareOf(const ShareDone &progress, size_t i, size_t members)
{
    if (!progress)
        return {};
    return [=](double share) { return progress((double(i) + share) / double(members)); };
}

template<class Of>
Features joinedFeatures(const std::string &name, const Ensemble &ensemble, const ShareDone &progress, Of of)
{
    std::vector<Matrix> train, test;
    bool goesOn = true;
    for (size_t i = 0; i < ensemble.members.size() && goesOn; ++i) {
        const ShareDone told = [&, share = shareOf(progress, i, ensemble.members.size())](double done) { return goesOn = !share || share(done); };
        Features features = of(*ensemble.members[i], told);
        if (ensemble.members.size() == 1)
            return features;
        if (features.whitened && goesOn)
            features = {name, features.whitened(features.train), features.whitened(features.test)};
        train.push_back(std::move(features.train));
        test.push_back(std::move(features.test));
    }
    if (!goesOn)
        return {name, std::move(train.front()), std::move(test.front())}; // nobody will look
    return {name, joinedRows(train, ensemble.joining), joinedRows(test, ensemble.joining)};
}

} // namespace

const std::vector<std::string> &joinings()
{
    static const std::vector<std::string> names = {"average", "concatenate"};
    return names;
}

Joining joiningNamed(const std::string &name)
{
    return Joining(std::ranges::find(joinings(), name) - joinings().begin());
}

Matrix joinedRows(const std::vector<Matrix> &each, Joining joining)
{
    if (each.size() == 1)
        return each.front();
    const bool averages = joining == Joining::average;
    int64_t columns = 0;
    for (const Matrix &matrix : each)
        columns = averages ? matrix.columns : columns + matrix.columns;
    Matrix all{each.front().rows, columns, std::vector<float>(size_t(each.front().rows * columns), 0)};
    for (int64_t row = 0; row < all.rows; ++row) {
        float *to = &all.values[size_t(row * columns)];
        for (const Matrix &matrix : each) {
            const float *from = &matrix.values[size_t(row * matrix.columns)];
            double squares = 0;
            for (int64_t i = 0; i < matrix.columns; ++i)
                squares += double(from[i]) * from[i];
            const double length = std::sqrt(squares), factor = (length > 0 ? 1 / length : 0) / (averages ? double(each.size()) : 1);
            for (int64_t i = 0; i < matrix.columns; ++i)
                to[i] += float(factor * from[i]);
            to += averages ? 0 : matrix.columns;
        }
    }
    return all;
}

void requireJoinable(const Ensemble &ensemble)
{
    for (size_t i = 1; i < ensemble.members.size(); ++i) {
        requireSameInput(ensemble, i);
        const int first = ensemble.members[0]->encoder->dimension(), other = ensemble.members[i]->encoder->dimension();
        if (ensemble.joining == Joining::average && first != other)
            throw std::invalid_argument("[ensemble] "
                                        + said("the embeddings of %1 have %2 dimensions, those of %3 %4, and cannot be averaged: concatenate them",
                                               {ensemble.names[0], first, ensemble.names[i], other}));
    }
}

Matrix readSamples(const Ensemble &ensemble, const Dataset &dataset, Split split, int64_t limit, const ShareDone &progress)
{
    std::vector<Matrix> each;
    for (size_t i = 0; i < ensemble.members.size(); ++i)
        each.push_back(readSamples(*ensemble.members[i]->encoder, *ensemble.members[i]->state.prepared, dataset, split, limit,
                                   shareOf(progress, i, ensemble.members.size())));
    return joinedRows(each, ensemble.joining);
}

Features encoderFeatures(const std::string &name, const Ensemble &ensemble, const Dataset &dataset, const ShareDone &progress)
{
    return joinedFeatures(name, ensemble, progress, [&](TrainedEncoder &trained, const ShareDone &told) {
        return encoderFeatures(name, *trained.encoder, trained.state, dataset, told);
    });
}

Features untrainedFeatures(const Ensemble &ensemble, const Dataset &dataset, const ShareDone &progress)
{
    return joinedFeatures("untrained", ensemble, progress,
                          [&](const TrainedEncoder &trained, const ShareDone &told) { return untrainedFeatures(trained, dataset, told); });
}

std::pair<Matrix, Matrix> twoViews(const Ensemble &ensemble, const Dataset &dataset, int64_t count)
{
    std::vector<Matrix> first, second;
    for (TrainedEncoder *trained : ensemble.members) {
        auto [one, other] = modalityType(trained->state.prepared->modality()).analysis->twoViews(*trained, dataset, count);
        first.push_back(std::move(one));
        second.push_back(std::move(other));
    }
    return {joinedRows(first, ensemble.joining), joinedRows(second, ensemble.joining)};
}

} // namespace pretext
