// A panel: one file in panels/, one line in panels.def. It is made for a run, whose job it sees through it, shares the selection, and says what it
// waits for while it is empty.
#pragma once

#include "core/data/modality.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pretext {

class Request;
class Run;
class Selection;
class Workbench;
struct Theme;

struct PanelContext
{
    Workbench *workbench;
    Run *run; // of the workbench: the one that is shown
    Selection *selection;
    std::optional<Modality> of = {}; // as its type says, which sets it
};

class Panel : public QWidget
{
    Q_OBJECT
public:
    Panel(const PanelContext &context, QWidget *parent = nullptr);
    ~Panel() override;

    /// Heavy channels to be computed while the panel is visible.
    virtual std::set<std::string> wantedChannels() const { return {}; }
    /// Called on the window's thread, only while visible, and once when shown again.
    virtual void refresh() {}
    /// For Save as PNG, SVG and CSV; empty text where the panel has no numbers.
    virtual QString csv() const { return {}; }
    /// The same for later, on any thread; for panels whose numbers take long to write.
    virtual std::function<QString()> csvMaker() const
    {
        return [text = csv()] { return text; };
    }
    /// Whether what it shows is still to come, and there is nothing yet to be saved.
    virtual bool isWaiting() const { return false; }
    /// Draws the panel's content with QPainter (SVG); the default renders the widget.
    virtual void paintTo(QPainter &painter, const QSize &size);

    /// What the user has arranged within it, for the next start; empty where there is nothing to be kept.
    virtual QByteArray arrangement() const { return {}; }
    /// As it was kept; of an earlier version perhaps, or damaged.
    virtual void arrange(const QByteArray &) {}

    /// Whether one panel shows all runs there are: beside another run it does not stand twice.
    virtual bool showsAllRuns() const { return false; }
    /// Side by side with the same panel of another run, on its right where `isLeft`: axes and scales are to be the same in both; null: alone again.
    virtual void standBeside(Panel *other, bool isLeft);
    /// Whether the left one of two can show in what the right one differs.
    virtual bool knowsDifference() const { return false; }
    /// The left one shows the difference, right minus left, in place of what it shows else.
    virtual void showDifference(bool) {}
    /// The controls above the content; null where there are none. Beside another run both panels have those of the left one.
    virtual QLayout *controls() const { return nullptr; }

    /// Told by the dock: false while another tab lies over the panel (Qt calls such a widget visible).
    void setRaised(bool raised);
    bool isShowing() const { return m_showing; }

protected:
    Workbench &workbench() const { return *m_context.workbench; }
    Run &run() const { return *m_context.run; }
    Request &request() const; // what is asked for of the run
    Selection &selection() const { return *m_context.selection; }
    /// The only kind of data that the panel is made for; none: any.
    std::optional<Modality> of() const { return m_context.of; }
    /// Whether the data of the job are of that kind; there may be none.
    bool servesJob() const;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    /// Call when wantedChannels() would now answer differently.
    void wantedChannelsChanged();

    /// The same panel of the other run, where two stand side by side; else null.
    Panel *beside() const { return m_beside; }
    bool isLeft() const { return m_isLeft; }

private:
    void setShowing(bool showing);

    PanelContext m_context;
    Panel *m_beside = nullptr;
    bool m_isLeft = true;
    bool m_raised = true, m_showing = false;
};

struct PanelType
{
    QString name;               // stable: "similarity"; object name of its dock
    QString title;              // shown: "Similarity"
    QString help;               // one sentence
    std::optional<Modality> of; // the only kind of data that it is made for; none: any
    Panel *(*make)(const PanelContext &context);
};

const std::vector<PanelType> &panelTypes(); // from panels/panels.def, in the order of the keys 1-9

} // namespace pretext
