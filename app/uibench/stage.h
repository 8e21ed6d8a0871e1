// A panel in a window of its own, driven: new snapshots, the mouse over it, its wheel turned, its content dragged.
#pragma once

#include "app/uibench/frames.h"
#include "core/engine/snapshot.h"
#include "widgets/panel.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"

#include <QTemporaryDir>

#include <functional>
#include <memory>
#include <string>
#include <vector>

class QComboBox;

namespace pretext::uibench {

/// What a panel was driven with, and how long the frames took: milliseconds, in rising order.
struct FrameRow
{
    std::string panel, cause;
    std::vector<double> times;
    int missed = 0;
};

class Stage
{
public:
    /// Shows the panel, with the largest of what it asks for.
    Stage(FrameApplication &application, const PanelType &type);
    std::vector<FrameRow> drive(int frames);

private:
    void showSteps();
    void startJob(int64_t heldOut);
    void waitFor(const std::function<bool()> &done, const char *what);
    void evaluate();
    void map();
    QComboBox *mapChoice(const char *name) const;
    FrameRow turnMap(QWidget &canvas, int frames);
    FrameRow driven(const std::string &cause, int frames, const std::function<void(int)> &act);
    void repaintAll();

    FrameApplication &m_application;
    QString m_name;
    const QTemporaryDir m_folder;
    Workbench m_workbench;
    Run &m_run = *m_workbench.add();
    Selection m_selection;
    std::unique_ptr<Panel> m_panel;
    std::vector<SnapshotPtr> m_snapshots; // shown in turns
};

} // namespace pretext::uibench
