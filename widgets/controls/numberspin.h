// A spin box for knobs: shortest text, and multiplicative steps where the knob is logarithmic.
#pragma once

#include <QDoubleSpinBox>

namespace pretext {

class NumberSpin : public QDoubleSpinBox
{
    Q_OBJECT
public:
    NumberSpin(double minimum, double maximum, bool whole, bool logarithmic, QWidget *parent = nullptr);

    QString textFromValue(double value) const override;
    double valueFromText(const QString &text) const override;
    QValidator::State validate(QString &text, int &position) const override;
    void stepBy(int steps) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }
    void fixup(QString &text) const override;
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

signals:
    void typed();
    /// What was typed is no number that it takes, and the one before stays.
    void refused(const QString &text) const;

private:
    bool m_whole, m_logarithmic;
};

} // namespace pretext
