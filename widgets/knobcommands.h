// Undo steps of the controls: one knob, or the part of a config that needs a restart.
#pragma once

#include "core/engine/config.h"

#include <QElapsedTimer>
#include <QUndoCommand>

namespace pretext {

class Request;

/// Changes of one knob that follow each other closely, as in a drag, become one step.
class KnobChange : public QUndoCommand
{
public:
    KnobChange(Request *request, std::string name, KnobValue before, KnobValue after);
    void undo() override;
    void redo() override;
    int id() const override { return 1; }
    bool mergeWith(const QUndoCommand *other) override;

private:
    Request *m_request;
    std::string m_name;
    KnobValue m_before, m_after;
    QElapsedTimer m_age;
};

class ConfigChange : public QUndoCommand
{
public:
    /// A config and its data, opened.
    struct Asked
    {
        RunConfig config;
        std::shared_ptr<const Dataset> dataset;
    };
    ConfigChange(Request *request, Asked before, Asked after, const QString &text);
    void undo() override;
    void redo() override;

private:
    Request *m_request;
    Asked m_before, m_after;
};

} // namespace pretext
