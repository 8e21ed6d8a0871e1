// The form of a new sweep: settings with their values, how trials are chosen and how long they are, and what comes of it in words.
#pragma once

#include "widgets/sweeps/sweepplan.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QSpinBox;
class QVBoxLayout;

namespace pretext {

class Request;

class SweepForm : public QWidget
{
    Q_OBJECT
public:
    SweepForm(Request *request, QWidget *parent);

    SweepPlan plan() const;
    /// Whether a sweep would come of it; what() says why not.
    bool isPossible() const { return m_possible; }
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
    void fillSettings(QComboBox *box) const;
    QLayout *makeTrials();
    QLayout *makeEnds();
    QLayout *makeLength();
    void tell();

    Request *m_request;
    QVBoxLayout *m_rowsLayout;
    std::vector<Row> m_rows;
    QComboBox *m_choice, *m_unit;
    QSpinBox *m_count, *m_halving, *m_grace;
    QCheckBox *m_halves, *m_stops;
    QDoubleSpinBox *m_length;
    QLabel *m_words, *m_command;
    double m_pace = 0;
    bool m_possible = false;
};

} // namespace pretext
