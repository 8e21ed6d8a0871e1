#include "core/analysis/tfidf.h"

#include "core/data/tokens/normalise.h"
#include "core/data/tokens/segment.h"
#include "core/files/said.h"
#include "core/files/utf8.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

namespace pretext {

namespace {

std::map<std::string, int> termsOf(const std::string &text)
{
    std::map<std::string, int> terms;
    const std::string normal = squeezed(text, kSpaceMark, true);
    for (std::string_view rest = normal; !rest.empty();) {
        const size_t bytes = firstWord(rest);
        std::string term(rest.substr(0, bytes));
        rest.remove_prefix(bytes);
        if (term.starts_with(kSpaceMark))
            term.erase(0, kSpaceMark.size());
        std::transform(term.begin(), term.end(), term.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        ++terms[term];
    }
    return terms;
}

} // namespace

TfIdf::TfIdf(const std::vector<std::string> &texts, int terms)
{
    std::map<std::string, int> documents;
    for (const std::string &text : texts)
        for (const auto &[term, count] : termsOf(text))
            ++documents[term];
    std::vector<std::pair<std::string, int>> sorted(documents.begin(), documents.end());
    std::erase_if(sorted, [](const auto &entry) { return entry.second < 2; });
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.second > b.second; });
    sorted.resize(std::min(sorted.size(), static_cast<size_t>(std::max(terms, 0))));
    if (sorted.empty())
        throw std::invalid_argument("[tf-idf] " + pretext::said("no word is in two of the %1 training texts", {texts.size()}));
    for (const auto &[term, count] : sorted) {
        m_terms.emplace(term, static_cast<int>(m_weights.size()));
        m_weights.push_back(1 + std::log((1 + float(texts.size())) / (1 + float(count))));
    }
}

Matrix TfIdf::rows(const std::vector<std::string> &texts) const
{
    Matrix matrix{static_cast<int64_t>(texts.size()), dimension(), std::vector<float>(texts.size() * m_weights.size())};
    for (size_t i = 0; i < texts.size(); ++i) {
        float *row = matrix.values.data() + i * m_weights.size();
        double squares = 0;
        for (const auto &[term, count] : termsOf(texts[i]))
            if (const auto found = m_terms.find(term); found != m_terms.end()) {
                row[found->second] = (1 + std::log(float(count))) * m_weights[static_cast<size_t>(found->second)];
                squares += double(row[found->second]) * row[found->second];
            }
        if (squares > 0)
            for (size_t t = 0; t < m_weights.size(); ++t)
                row[t] /= static_cast<float>(std::sqrt(squares));
    }
    return matrix;
}

TfIdfFeatures tfIdfFeatures(const Dataset &dataset, int64_t limit, int terms, const std::function<bool(double)> &progress)
{
    const auto texts = [&](Split split) {
        const int64_t size = limit > 0 ? std::min(limit, dataset.size(split)) : dataset.size(split);
        std::vector<std::string> all;
        for (int64_t i = 0; i < size; ++i)
            all.push_back(dataset.text(split, i));
        return all;
    };
    const auto goOn = [&](double share) { return !progress || progress(share); };
    const std::vector<std::string> train = texts(Split::train);
    if (!goOn(0.1))
        return {};
    const TfIdf model(train, terms);
    if (!goOn(0.4))
        return {};
    TfIdfFeatures features{model.rows(train), {}};
    if (!goOn(0.9))
        return {};
    features.test = model.rows(texts(Split::test));
    goOn(1);
    return features;
}

} // namespace pretext
