// Sweeps: a new one is put together from what Controls show, trained in the background, and looked at as a map of two settings or as parallel
// coordinates, as are those of the command line.
#pragma once

#include "core/engine/runstore.h"
#include "widgets/panel.h"
#include "widgets/sweeps/sweepfolders.h"
#include "widgets/sweeps/sweepwords.h"

#include <QThreadPool>
#include <QTimer>

#include <memory>
#include <optional>

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace pretext {

class SweepForm;
class SweepResults;
class SweepWorker;

class SweepsPanel : public Panel
{
    Q_OBJECT
public:
    explicit SweepsPanel(const PanelContext &context);
    bool showsAllRuns() const override { return true; }
    ~SweepsPanel() override;
    void refresh() override;
    QString csv() const override;
    void paintTo(QPainter &painter, const QSize &size) override;

private:
    QLayout *makeBar();
    void connectParts();
    bool isNew() const;
    std::filesystem::path chosen() const;
    void look();
    void take(const std::vector<std::filesystem::path> &sweeps, SweepState state);
    void listSweeps(const std::vector<std::filesystem::path> &sweeps);
    void choose(const std::filesystem::path &folder);
    void showPage();
    void startOrGoOn();
    void updateTools();
    QString stateInWords() const;
    QString nameOf(const std::filesystem::path &sweep) const;
    double secondsPerStep() const;

    std::optional<RunStore> m_store;
    SweepWorker *m_worker;
    QComboBox *m_sweeps;
    QPushButton *m_start, *m_pause, *m_stop;
    QLabel *m_said;
    SweepForm *m_form;
    SweepResults *m_results;
    QStackedWidget *m_pages;
    SweepState m_state;
    SteadyTime m_left;
    QString m_problem; // of the worker
    bool m_looking = false;
    enum { notPaused, pausing, paused } m_run = notPaused; // this window's run, for the sweep
    std::filesystem::path m_awaited;                       // just begun, and not there yet
    QTimer m_timer;
    std::shared_ptr<SweepReader> m_reader = std::make_shared<SweepReader>(); // used by one thread
    QThreadPool m_files;
};

} // namespace pretext
