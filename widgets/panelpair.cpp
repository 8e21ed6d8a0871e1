#include "widgets/panelpair.h"

#include "widgets/controls/linkbutton.h"
#include "widgets/help/glossary.h"
#include "widgets/panel.h"
#include "widgets/sidebyside.h"

#include <QAbstractButton>
#include <QAbstractSlider>
#include <QBoxLayout>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QSpinBox>
#include <QSplitter>
#include <QToolButton>

#include <utility>

namespace pretext {

namespace {

/// Those of a kind that do not belong to a widget that says it is its run's own, as a slider through steps is.
template<class Widget>
QList<Widget *> sharedIn(QWidget *whole)
{
    QList<Widget *> all = whole->findChildren<Widget *>();
    all.removeIf([whole](QWidget *one) {
        for (; one && one != whole; one = one->parentWidget())
            if (one->property(kOwnToRun).toBool())
                return true;
        return false;
    });
    return all;
}

/// Each of the widgets of a kind with the one that was made at the same place in the other; `tie` connects two.
template<class Widget, class Tie>
void tieAll(QWidget *one, QWidget *other, Tie tie)
{
    const QList<Widget *> here = sharedIn<Widget>(one), there = sharedIn<Widget>(other);
    if (here.size() != there.size())
        return;
    for (qsizetype i = 0; i < here.size(); ++i) {
        tie(here[i], there[i]);
        tie(there[i], here[i]);
    }
}

} // namespace

void mirrorControls(QWidget *one, QWidget *other)
{
    tieAll<QComboBox>(one, other, [](QComboBox *from, QComboBox *to) {
        QObject::connect(from, &QComboBox::currentIndexChanged, to, [to](int index) {
            if (index >= 0 && index < to->count())
                to->setCurrentIndex(index);
        });
    });
    tieAll<QAbstractSlider>(
        one, other, [](QAbstractSlider *from, QAbstractSlider *to) { QObject::connect(from, &QAbstractSlider::valueChanged, to, &QAbstractSlider::setValue); });
    tieAll<QSpinBox>(one, other, [](QSpinBox *from, QSpinBox *to) { QObject::connect(from, &QSpinBox::valueChanged, to, &QSpinBox::setValue); });
    tieAll<QAbstractButton>(one, other, [](QAbstractButton *from, QAbstractButton *to) {
        if (from->isCheckable())
            QObject::connect(from, &QAbstractButton::toggled, to, &QAbstractButton::setChecked);
        else if (!from->text().endsWith(QChar(0x2026))) // what opens a dialog opens one
            QObject::connect(from, &QAbstractButton::clicked, to, [to] {
                static bool answering = false;
                if (std::exchange(answering, true))
                    return;
                to->click();
                answering = false;
            });
    });
    tieAll<QLineEdit>(one, other, [](QLineEdit *from, QLineEdit *to) {
        if (from->objectName() == QLatin1String("qt_spinbox_lineedit"))
            return;
        QObject::connect(from, &QLineEdit::textEdited, to, [to](const QString &text) {
            if (to->text() == text)
                return;
            to->setText(text);
            emit to->textEdited(text);
        });
        QObject::connect(from, &QLineEdit::returnPressed, to, [from, to] {
            if (from->hasFocus()) // and not answered in turn
                emit to->returnPressed();
        });
    });
}

PanelPair::PanelPair(Panel *left, Panel *right, SideBySide *together, QWidget *parent)
    : QWidget(parent)
    , m_together(together)
    , m_left(left)
    , m_right(right)
    , m_halves(new QSplitter(Qt::Horizontal, this))
    , m_unseen(new QWidget(this))
    , m_difference(new QToolButton(this))
{
    m_unseen->hide();
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_difference->setText(tr("Difference"));
    m_difference->setObjectName("difference");
    m_difference->setCheckable(true);
    m_difference->setFocusPolicy(Qt::TabFocus);
    m_difference->setToolTip(tr("In place of the two, in what the right run differs from the left: right minus left, at the same step."));
    m_difference->setVisible(left->knowsDifference());
    setTerm(m_difference, "part/side by side");
    shareControls();
    mirrorControls(left, right);
    column->addWidget(m_halves, 1);
    m_halves->addWidget(half(0, left));
    m_halves->addWidget(half(1, right));
    m_halves->setChildrenCollapsible(false);
    m_halves->setSizes({1 << 20, 1 << 20});
    left->standBeside(right, true);
    right->standBeside(left, false);
    setFocusProxy(left);
    connect(m_difference, &QToolButton::toggled, this, &PanelPair::showDifference);
    connect(together, &SideBySide::titlesChanged, this, &PanelPair::updateTitles);
    for (const Run *run : {together->left(), together->right()})
        for (auto signal : {&Run::statusChanged, &Run::shownStepChanged})
            connect(run, signal, this, &PanelPair::updateTitles);
    updateTitles();
}

QWidget *PanelPair::half(int side, Panel *panel)
{
    auto *whole = new QWidget(m_halves);
    auto *column = new QVBoxLayout(whole);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(6, 0, 0, 0);
    row->setSpacing(2);
    auto *mark = new QLabel(sideMark(side == 1, palette()), whole);
    mark->setObjectName("mark");
    row->addWidget(mark);
    m_titles[size_t(side)] = new QLabel(whole);
    m_titles[size_t(side)]->setObjectName(side == 0 ? "left" : "right");
    m_titles[size_t(side)]->setContentsMargins(0, 2, 6, 2);
    m_titles[size_t(side)]->setMinimumWidth(1);
    m_titles[size_t(side)]->setTextFormat(Qt::PlainText);
    setTerm(m_titles[size_t(side)], "part/side by side");
    row->addWidget(m_titles[size_t(side)], 1);
    column->addLayout(row);
    column->addWidget(panel, 1);
    panel->show();
    return whole;
}

/// Those of the left one stand above both; those of the right one do the same unseen.
void PanelPair::shareControls()
{
    auto *row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 6, 0);
    static_cast<QVBoxLayout *>(layout())->addLayout(row);
    if (QLayout *controls = m_left->controls()) {
        m_left->layout()->removeItem(controls);
        controls->setParent(nullptr);
        row->addLayout(controls, 1);
    } else {
        row->addStretch(1);
    }
    row->addWidget(m_difference);
    if (QLayout *controls = m_right->controls()) {
        m_right->layout()->removeItem(controls);
        controls->setParent(nullptr);
        m_unseen->setLayout(controls);
    }
}

Panel *PanelPair::release()
{
    m_left->showDifference(false);
    m_left->standBeside(nullptr, true);
    m_right->standBeside(nullptr, true);
    if (QLayout *controls = m_left->controls()) {
        layout()->itemAt(0)->layout()->removeItem(controls);
        controls->setParent(nullptr);
        static_cast<QVBoxLayout *>(m_left->layout())->insertLayout(0, controls);
    }
    for (QObject *control : m_left->findChildren<QWidget *>())
        for (QObject *twin : m_right->findChildren<QWidget *>() + m_unseen->findChildren<QWidget *>())
            QObject::disconnect(control, nullptr, twin, nullptr);
    Panel *left = std::exchange(m_left, nullptr);
    left->setParent(nullptr);
    return left;
}

void PanelPair::setRaised(bool raised)
{
    m_left->setRaised(raised);
    m_right->setRaised(raised);
}

void PanelPair::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    updateTitles();
}

/// As much of each as its half has room for; the whole in its tip.
void PanelPair::updateTitles()
{
    const std::array<const Run *, 2> runs{m_together->left(), m_together->right()};
    for (size_t side = 0; side < 2; ++side) {
        const QString text = tr("step %1 · %2").arg(QLocale().toString(qlonglong(runs[side]->shownStep())), m_together->title(runs[side]));
        const QString name = QString::fromStdString(runs[side]->path().filename().string());
        QLabel *title = m_titles[side];
        title->setToolTip(side == 0 ? tr("The left run: %1. %2").arg(name, text) : tr("The right run: %1. %2").arg(name, text));
        title->setText(title->fontMetrics().elidedText(text, Qt::ElideRight, std::max(40, title->width() - 12)));
    }
}

void PanelPair::showDifference(bool shows)
{
    m_halves->setCollapsible(1, shows); // out of sight, and yet at work: the difference is made of what both have
    m_halves->setSizes(shows ? QList<int>{1, 0} : QList<int>{1 << 20, 1 << 20});
    m_halves->handle(1)->setHidden(shows);
    m_titles[0]->parentWidget()->findChild<QLabel *>("mark")->setHidden(shows);
    m_titles[0]->setHidden(shows);
    m_left->showDifference(shows);
}

} // namespace pretext
