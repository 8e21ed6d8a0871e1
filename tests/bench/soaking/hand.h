// A user who never tires: turns knobs, changes method and data, moves panels, pauses, rewinds, hovers, at random.
#pragma once

#include <QByteArray>

#include <map>
#include <random>
#include <string>
#include <vector>

class QDockWidget;

namespace pretext {
class MainWindow;
}

namespace pretext::bench {

class Hand
{
public:
    Hand(MainWindow &window, std::vector<std::string> data, unsigned seed);

    /// Does one thing.
    void act();
    /// Starts another job, of another method or other data, as a user of Controls would.
    void changeJob();
    /// How often what was done.
    const std::map<std::string, int> &done() const { return m_done; }

private:
    void changeKnob();
    void steer();
    void movePanel();
    void point();
    void resize();
    QDockWidget *anyDock();
    int below(int limit) { return int(m_random() % unsigned(limit)); }
    template<class T>
    const T &anyOf(const std::vector<T> &values)
    {
        return values[size_t(below(int(values.size())))];
    }

    MainWindow &m_window;
    std::vector<std::string> m_data; // names and paths
    std::mt19937 m_random;
    QByteArray m_layout;
    std::map<std::string, int> m_done;
};

} // namespace pretext::bench
