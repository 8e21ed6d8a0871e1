// One knob as a row: name and symbol, the editor its kind asks for, and a badge that says whether the value has taken effect.
#pragma once

#include "core/knobs/knob.h"

#include <QWidget>

#include <functional>

class QHBoxLayout;
class QLabel;

namespace pretext {

class Badge;
class LinkButton;
struct ChoiceGroup;

class KnobEditor : public QWidget
{
    Q_OBJECT
public:
    explicit KnobEditor(const Knob &knob, QWidget *parent = nullptr);

    /// So that rows of other kinds line up.
    static int labelWidth(const QWidget *widget);
    const Knob &knob() const { return m_knob; }
    /// The value asked for. Silent.
    void setRequested(const KnobValue &value);
    /// `running` is the value the job uses; it is shown while it differs.
    void setPending(bool pending, const QString &running);
    /// Since which step the value has acted; -1: since the start.
    void setSince(qint64 step);
    /// A sentence below the row on why the value is what it is; empty: none.
    void setNote(const QString &note);
    QString badgeText() const;
    QString name() const; // as the row is labelled, with the knob's symbol
    /// In place of that.
    void setLabel(const QString &text);
    /// A chain in the row, of a knob of two runs; made at the first call.
    LinkButton &link();
    /// Of a choice: its names in groups, with a line on each.
    void setChoices(const std::vector<ChoiceGroup> &groups);

signals:
    void edited(const pretext::KnobValue &value);

protected:
    void changeEvent(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void addLabel(QHBoxLayout *row);
    void addNumber(QHBoxLayout *row);
    void addCheck(QHBoxLayout *row);
    void addChoice(QHBoxLayout *row);
    void updateBadge();
    QString toolTipText() const;

    Knob m_knob;
    std::function<void(const KnobValue &)> m_show;
    QLabel *m_label, *m_running, *m_note;
    Badge *m_badge;
    LinkButton *m_link = nullptr;
    QHBoxLayout *m_row;
    bool m_pending = false;
    qint64 m_since = -1;
};

/// "min_area" -> "min area"; the last part of a dotted name.
QString shownName(const std::string &name);

} // namespace pretext
