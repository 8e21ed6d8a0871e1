// A session file.
#include "tests/fuzz/target.h"

#include "app/session.h"

namespace pretext::fuzz {

void read_session(std::string_view input)
{
    const Scratch scratch;
    const Session session = readSession(QString::fromStdString(scratch.write("a.json", input).string()));
    const QString copy = QString::fromStdString((scratch.path() / "b.json").string());
    writeSession(copy, session);
    const Session again = readSession(copy);
    require(again.layout == session.layout && again.panels == session.panels && again.pair == session.pair && again.knobs == session.knobs
                && again.config.has_value() == session.config.has_value(),
            "a session that does not come back as it was written");
}

} // namespace pretext::fuzz
