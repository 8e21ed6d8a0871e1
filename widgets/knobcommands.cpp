#include "widgets/knobcommands.h"

#include "widgets/request.h"

#include <QObject>

namespace pretext {

namespace {
constexpr qint64 kSameDragMs = 700; // between two values of one drag
}

KnobChange::KnobChange(Request *request, std::string name, KnobValue before, KnobValue after)
    : QUndoCommand(QObject::tr("%1 = %2").arg(QString::fromStdString(name), QString::fromStdString(toText(after))))
    , m_request(request)
    , m_name(std::move(name))
    , m_before(std::move(before))
    , m_after(std::move(after))
{
    m_age.start();
}

void KnobChange::undo()
{
    m_request->requestKnob(m_name, m_before);
}
void KnobChange::redo()
{
    m_request->requestKnob(m_name, m_after);
}

bool KnobChange::mergeWith(const QUndoCommand *other)
{
    const auto *later = static_cast<const KnobChange *>(other);
    if (later->m_request != m_request || later->m_name != m_name || m_age.msecsTo(later->m_age) > kSameDragMs)
        return false;
    m_after = later->m_after;
    m_age = later->m_age;
    setText(later->text());
    setObsolete(m_after == m_before);
    return true;
}

ConfigChange::ConfigChange(Request *request, Asked before, Asked after, const QString &text)
    : QUndoCommand(text)
    , m_request(request)
    , m_before(std::move(before))
    , m_after(std::move(after))
{
}

void ConfigChange::undo()
{
    m_request->requestConfig(m_before.config, m_before.dataset);
}
void ConfigChange::redo()
{
    m_request->requestConfig(m_after.config, m_after.dataset);
}

} // namespace pretext
