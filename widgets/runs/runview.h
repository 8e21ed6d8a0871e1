// The table that a list of runs is shown in: its columns, its selection, and its two keys.
#pragma once

#include "core/engine/runsummary.h"

#include <QTableView>

#include <filesystem>
#include <set>
#include <vector>

class QMenu;

namespace pretext {

class RunModel;
class RunOrder;

class RunView : public QTableView
{
    Q_OBJECT
public:
    RunView(RunModel *runs, RunOrder *order, QWidget *parent);

    std::vector<RunSummary> selected() const;
    /// Those of them that are shown, and no others.
    void select(const std::set<std::filesystem::path> &runs);
    /// Every run that is shown, in its order.
    std::vector<RunSummary> shown() const;
    /// Knobs that have a column, beside what the runs reached, where they are seen without scrolling.
    void showKnobs(const QStringList &knobs);
    /// Fills a menu with the knobs that differ; each is a column or is not.
    void offerKnobs(QMenu *menu);
    /// Its columns, with their order and widths, and what it is sorted by, for the next start.
    QByteArray arrangement() const;
    void arrange(const QByteArray &kept);
    /// What stands where no run does.
    void setEmptyText(const QString &text);
    /// What is shown, with all of its digits.
    QString csv() const;

signals:
    void opened();  // Return
    void deleted(); // Delete

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fitRows();
    void fitColumns();
    void refit();

    RunModel *m_runs;
    RunOrder *m_order;
    QString m_emptyText;
    bool m_fitting = false, m_fitted = true; // false once the user has given a column its width
};

} // namespace pretext
