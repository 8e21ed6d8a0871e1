// The form of a new sweep: settings with their values, how trials are chosen and how long they are, and what comes of it in words.
#pragma once

#include "widgets/sweeps/sweepplan.h"

#include <QStringList>
#include <QWidget>

#include <initializer_list>
#include <optional>
#include <vector>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QSpinBox;
class QVBoxLayout;

namespace pretext {

class CommandText;
class Request;

class SweepForm : public QWidget
{
    Q_OBJECT
public:
    SweepForm(Request *request, QWidget *parent);

    SweepRequest asked() const;
    /// Whether a sweep would come of it; the form says why not.
    bool isPossible() const { return m_planned.has_value(); }
    /// What `pretext sweep` is given for it, but for its folder. Only where it is possible.
    QStringList arguments() const;
    /// How long a step of this window's run takes; 0: not known.
    void setPace(double secondsPerStep);

signals:
    void changed();

private:
    struct Row
    {
        QWidget *widget;
        QComboBox *setting;
        QLineEdit *values;
    };
    void takeConfig();
    void addRow(const QString &setting);
    void removeRow(QWidget *row);
    void refill(const Row &row);
    void fillSettings(QComboBox *box) const;
    void suggest(const Row &row);
    QWidget *together(std::initializer_list<QWidget *> parts);
    QWidget *makeTrials();
    QLayout *makeEnds();
    QWidget *makeLength();
    QWidget *makeCommand();
    void plan();
    void tell();

    Request *m_request;
    QVBoxLayout *m_rowsLayout;
    std::vector<Row> m_rows;
    QComboBox *m_choice, *m_unit;
    QSpinBox *m_count, *m_halving, *m_grace;
    QCheckBox *m_halves, *m_stops;
    QDoubleSpinBox *m_length;
    QLabel *m_words;
    CommandText *m_command;
    QWidget *m_terminal = nullptr; // what goes with it
    double m_pace = 0;
    std::optional<Sweep> m_planned; // while it is possible
    QString m_problem;              // else
};

} // namespace pretext
