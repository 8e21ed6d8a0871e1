#include "widgets/selection.h"

namespace pretext {

void Selection::select(const Chosen &chosen)
{
    select(chosen, {}, {}, {});
}

void Selection::select(const Chosen &chosen, const SampleView &row, const SampleView &column, Cell cell)
{
    if (chosen == m_chosen && row == m_row && column == m_column && cell == m_cell)
        return;
    m_chosen = chosen;
    m_row = row;
    m_column = column;
    m_cell = cell;
    if (chosen.place >= 0)
        m_sentence.clear(); // a sample of the batch is looked at
    emit changed();
}

void Selection::find(const std::vector<int64_t> &samples)
{
    if (m_chosen.sample || m_chosen.place < 0 || m_chosen.place >= int(samples.size()))
        return;
    m_chosen.sample = {Split::train, samples[size_t(m_chosen.place)]};
    emit changed();
}

void Selection::setSentence(const QString &sentence)
{
    if (sentence == m_sentence)
        return;
    m_sentence = sentence;
    if (!sentence.isEmpty() && m_chosen.place >= 0) {
        m_chosen = {};
        m_row = m_column = {};
        m_cell = {};
    }
    emit changed();
}

void Selection::hover(Cell cell)
{
    if (cell == m_hovered)
        return;
    m_hovered = cell;
    emit hoverChanged();
}

void Selection::clear()
{
    hover({});
    select({});
}

} // namespace pretext
