#include "widgets/controls/numberspin.h"

#include "widgets/controls/wheelguard.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QLocale>

#include <cmath>

namespace pretext {

namespace {
constexpr double kLogStep = 1.1;
}

NumberSpin::NumberSpin(double minimum, double maximum, bool whole, bool logarithmic, QWidget *parent)
    : QDoubleSpinBox(parent)
    , m_whole(whole)
    , m_logarithmic(logarithmic)
{
    setDecimals(whole ? 0 : 12);
    setRange(minimum, maximum);
    setSingleStep(whole ? 1 : (maximum - minimum) / 100);
    setKeyboardTracking(false);
    guardWheel(this);
    setAlignment(Qt::AlignRight);
    connect(lineEdit(), &QLineEdit::textEdited, this, &NumberSpin::typed);
}

QString NumberSpin::textFromValue(double value) const
{
    return m_whole ? QString::number(std::llround(value)) : QString::number(value, 'g', 4);
}

double NumberSpin::valueFromText(const QString &text) const
{
    return QLocale::c().toDouble(text.trimmed());
}

QValidator::State NumberSpin::validate(QString &text, int &) const
{
    if (!m_whole && text.count(u',') == 1 && !text.contains(u'.'))
        text.replace(u',', u'.'); // as half the world writes it
    bool number = false;
    const double value = QLocale::c().toDouble(text.trimmed(), &number);
    if (number && value >= minimum() && value <= maximum() && (!m_whole || value == std::floor(value)))
        return QValidator::Acceptable;
    const QString typable = tr("0123456789.-+eE ");
    for (QChar character : text)
        if (!typable.contains(character))
            return QValidator::Invalid;
    return QValidator::Intermediate;
}

/// What is no part of a number stays what it is elsewhere, a key of the window: Space, letters, brackets.
bool NumberSpin::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        const QString typed = static_cast<QKeyEvent *>(event)->text();
        if (!typed.isEmpty() && typed[0].isPrint() && !QStringLiteral("0123456789.,-+eE").contains(typed[0])) {
            event->ignore();
            return false;
        }
    }
    return QDoubleSpinBox::event(event);
}

/// Escape takes back what was typed.
void NumberSpin::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        lineEdit()->setText(textFromValue(value()));
    QDoubleSpinBox::keyPressEvent(event);
}

/// Called where typing ends with a text that is not acceptable.
void NumberSpin::fixup(QString &text) const
{
    if (!text.trimmed().isEmpty())
        emit refused(text.trimmed());
    QDoubleSpinBox::fixup(text);
}

void NumberSpin::stepBy(int steps)
{
    if (!m_logarithmic || value() <= 0) {
        QDoubleSpinBox::stepBy(steps);
        return;
    }
    const double next = value() * std::pow(kLogStep, steps);
    setValue(m_whole ? (steps > 0 ? std::ceil(next) : std::floor(next)) : QString::number(next, 'g', 3).toDouble());
}

QSize NumberSpin::sizeHint() const
{
    QSize hint = QDoubleSpinBox::sizeHint();
    hint.setWidth(fontMetrics().horizontalAdvance(QStringLiteral("0.00000")) + 30);
    return hint;
}

} // namespace pretext
