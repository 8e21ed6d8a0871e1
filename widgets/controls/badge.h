// A small pill beside a control: when a change acts, that it waits, or since when it has acted.
#pragma once

#include <QWidget>

namespace pretext {

class Badge : public QWidget
{
    Q_OBJECT
public:
    enum class Tone { quiet, waiting, done };
    explicit Badge(QWidget *parent = nullptr);

    void show(const QString &text, Tone tone);
    QString text() const { return m_text; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QFont smallFont() const;

    QString m_text;
    Tone m_tone = Tone::quiet;
};

} // namespace pretext
