// The window's runs: what each takes on disk; open one, or delete some.
#pragma once

#include "app/runs.h"

#include <QDialog>

class QLabel;
class QPushButton;
class QTableWidget;

namespace pretext {

class RunsDialog : public QDialog
{
    Q_OBJECT
public:
    RunsDialog(std::filesystem::path root, QWidget *parent);

signals:
    void openRequested(const QString &run);
    void deleted();

private:
    void reload();
    void list(const std::vector<RunEntry> &runs);
    void deleteSelected();
    QStringList selected() const;
    void updateButtons();

    std::filesystem::path m_root;
    QTableWidget *m_table;
    QLabel *m_total;
    QPushButton *m_open, *m_delete;
};

} // namespace pretext
