#include "widgets/runs/runsearch.h"

#include "widgets/help/glossary.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>

namespace pretext {

namespace {
constexpr int kTypedMs = 120;
}

RunSearch::RunSearch(QWidget *parent)
    : QWidget(parent)
    , m_find(new QLineEdit(this))
    , m_columns(new QToolButton(this))
    , m_trash(new QToolButton(this))
    , m_knobs(new QMenu(m_columns))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    m_find->setPlaceholderText(tr("Find: words, temperature<0.2, method=byol, tag=good"));
    m_find->setClearButtonEnabled(true);
    m_find->setAccessibleName(tr("Find runs"));
    m_find->setToolTip(
        tr("Words that stand in a run's name, folder, method, data, encoder, tags or note, and conditions on what it is or found: NAME=VALUE, or with "
           "!= < <= > >=. NAME is a knob, or method, data, encoder, batch, seed, state, step, loss, knn, probe, tag, parent; of knn and probe 80 % is 80%, "
           "80 or 0.8. All have to hold; a knob that is named gets a column."));
    setTerm(m_find, "part/find runs");
    m_columns->setText(tr("Knobs"));
    m_columns->setPopupMode(QToolButton::InstantPopup);
    m_columns->setMenu(m_knobs);
    m_columns->setToolTip(tr("Which of the knobs that differ between the runs have a column, batch and seed among them."));
    m_trash->setText(tr("Trash"));
    m_trash->setCheckable(true);
    m_trash->setToolTip(tr("Shows the runs that were deleted, which can be restored."));
    setTerm(m_trash, "part/trash of runs");
    row->addWidget(m_find, 1);
    row->addWidget(m_columns);
    row->addWidget(m_trash);
    m_typed.setSingleShot(true);
    m_typed.setInterval(kTypedMs);
    connect(m_find, &QLineEdit::textChanged, &m_typed, qOverload<>(&QTimer::start));
    connect(&m_typed, &QTimer::timeout, this, &RunSearch::changed);
    connect(m_trash, &QToolButton::toggled, this, &RunSearch::changed);
}

RunFilter RunSearch::filter() const
{
    return runFilterOf(m_find->text().toStdString());
}

void RunSearch::setDeleted(int count)
{
    m_trash->setText(count == 0 ? tr("Trash") : tr("Trash (%1)").arg(count));
}

bool RunSearch::showsTrash() const
{
    return m_trash->isChecked();
}

} // namespace pretext
