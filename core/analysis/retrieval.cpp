#include "core/analysis/retrieval.h"

#include "core/analysis/knn.h"
#include "core/analysis/tfidf.h"
#include "core/data/sources/text/kjv.h"
#include "core/data/tokens/preparedtext.h"

#include <unordered_map>

namespace pretext {

namespace {

constexpr int kRetrieved = 5, kRetrievalTerms = 2000;

struct PairedTexts
{
    std::vector<std::string> kjv, web;
};

/// The held-out verses that are whole (a long one is cut into several samples) and stand in both.
PairedTexts heldOutPairs(const Dataset &kjv)
{
    std::unordered_map<std::string, VersePair> byPlace; // "Genesis 1:3", as the data set's captions say
    for (VersePair &pair : versePairs()) {
        const std::string place = bibleBooks().at(size_t(pair.book)) + " " + std::to_string(pair.chapter) + ":" + std::to_string(pair.verse);
        byPlace.emplace(place, std::move(pair));
    }
    PairedTexts texts;
    for (int64_t i = 0; i < kjv.size(Split::test); ++i) {
        const auto found = byPlace.find(kjv.caption(Split::test, i));
        if (found == byPlace.end() || found->second.kjv != kjv.text(Split::test, i))
            continue;
        texts.kjv.push_back(found->second.kjv);
        texts.web.push_back(found->second.web);
    }
    return texts;
}

double shareFound(const Neighbours &neighbours, int among)
{
    int64_t found = 0;
    for (int64_t query = 0; query < neighbours.queries; ++query)
        for (int i = 0; i < std::min(among, neighbours.k); ++i)
            found += neighbours.indices[query * neighbours.k + i] == query;
    return double(found) / double(neighbours.queries);
}

RetrievalRow retrievalRow(const std::string &features, const Matrix &kjv, const Matrix &web)
{
    const Neighbours there = nearestNeighbours(web, kjv, kRetrieved), back = nearestNeighbours(kjv, web, kRetrieved);
    return {features, kjv.rows, shareFound(there, 1), shareFound(there, kRetrieved), shareFound(back, 1), shareFound(back, kRetrieved)};
}

RetrievalRow byEncoder(const std::string &features, Encoder &encoder, const Tokenizer &tokenizer, const PairedTexts &texts)
{
    TextEncoder &text = textEncoder(encoder);
    return retrievalRow(features, embedTexts(text, tokenizer, texts.kjv), embedTexts(text, tokenizer, texts.web));
}

RetrievalRow byTfIdf(const Dataset &kjv, const PairedTexts &texts)
{
    std::vector<std::string> known;
    for (int64_t i = 0; i < kjv.size(Split::train); ++i)
        known.push_back(kjv.text(Split::train, i));
    const TfIdf weights(known, kRetrievalTerms);
    return retrievalRow("TF-IDF", weights.rows(texts.kjv), weights.rows(texts.web));
}

} // namespace

std::vector<RetrievalRow> retrieveVerses(TrainedEncoder &trained, const Dataset &kjv, bool baselines, const std::function<bool(double)> &progress)
{
    const auto goOn = [&](double share) { return !progress || progress(share); };
    const Tokenizer &tokenizer = *tokenizerOf(*trained.state.prepared);
    if (!goOn(0))
        return {};
    const PairedTexts texts = heldOutPairs(kjv);
    if (texts.kjv.empty())
        return {};
    std::vector<RetrievalRow> rows{byEncoder("encoder", *trained.encoder, tokenizer, texts)};
    if (baselines && goOn(0.4)) {
        const Model initial = makeModel(trained.state.config, trained.state.input());
        rows.push_back(byEncoder("untrained", *initial.encoder, tokenizer, texts));
    }
    if (baselines && goOn(0.8))
        rows.push_back(byTfIdf(kjv, texts));
    return rows;
}

} // namespace pretext
