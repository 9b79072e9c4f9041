import { useEffect, useState } from "react";
import { Button } from "../../components/button";
import { ConfirmDialog } from "../../components/dialog";
import { DoorIcon, LockIcon } from "../../components/icons";
import { useNow } from "../../hooks/use-now";
import type { AdminApi } from "../api/admin-api";
import type { ApiProblem } from "../api/problem";
import { type Actions, useActions } from "../hooks/use-actions";
import { type RoomDetail, useRoom } from "../hooks/use-room";
import { roughly } from "../model/durations";
import type { Room } from "../model/resources";
import { BanList } from "./ban-list";
import { EventLog } from "./event-log";
import { NoticeForm } from "./notice-form";
import { ParticipantsTable } from "./participants-table";
import { ProblemCallout } from "./problem-callout";
import { WaitingList } from "./waiting-list";
import "./room-pane.css";

interface RoomPaneProps {
  readonly api: AdminApi;
  readonly name: string;
  onBack(): void;
  onTokenProblem(reason: string): void;
}

/** One room: who is in it, what happens, and what can be done about it. */
export function RoomPane({ api, name, onBack, onTokenProblem }: RoomPaneProps) {
  const [pages, setPages] = useState(1);
  const { detail, log, source, problem, refresh } = useRoom(api, name, pages);
  const actions = useActions(refresh);
  useEffect(() => {
    const reason = [problem, actions.problem].find((one) => one?.isAboutToken);
    if (reason) onTokenProblem(reason.message);
  }, [problem, actions.problem, onTokenProblem]);

  return (
    <section className="room-pane" aria-labelledby="room-heading" data-testid="room-pane">
      <Button className="room-pane-back" size="sm" onClick={onBack} data-testid="back-to-rooms">
        All rooms
      </Button>
      <h2 id="room-heading">{name}</h2>
      {problem === null ? null : <ReadProblem problem={problem} name={name} />}
      <p className="room-done" role="status" data-testid="done">
        {actions.done}
      </p>
      {actions.problem === null ? null : (
        <ProblemCallout problem={actions.problem} title="The server did not do it">
          <Button size="sm" onClick={actions.dismiss}>
            All right
          </Button>
        </ProblemCallout>
      )}
      {detail === null ? null : (
        <>
          <RoomFacts detail={detail} />
          <RoomActions api={api} room={detail.room} actions={actions} />
          <RoomLists api={api} detail={detail} actions={actions} onMore={() => setPages((now) => now + 1)} />
        </>
      )}
      <EventLog entries={log} source={source} />
    </section>
  );
}

function ReadProblem({ problem, name }: { problem: ApiProblem; name: string }) {
  return problem.status === 404 ? (
    <p className="room-gone" role="status" data-testid="room-gone">
      There is no room {name} now: it is over, or nobody has come yet.
    </p>
  ) : (
    <ProblemCallout problem={problem} title="The room cannot be read" />
  );
}

function RoomFacts({ detail: { room, participants, waiting, hasMore } }: { detail: RoomDetail }) {
  const now = useNow(true, 10_000);
  const facts: readonly (readonly [string, string])[] = [
    ["In the room", `${participants.length}${hasMore ? "+" : ""}${room.maxParticipants === 0 ? "" : ` of ${room.maxParticipants}`}`],
    ["Waiting", String(waiting.length)],
    ["Open for", roughly(now - room.createdAtMs)],
    ["Media", room.topology.active.toLowerCase().replace("_", " ")],
  ];
  return (
    <dl className="room-facts" data-testid="room-facts">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface RoomActionsProps {
  readonly api: AdminApi;
  readonly room: Room;
  readonly actions: Actions;
}

function RoomActions({ api, room, actions }: RoomActionsProps) {
  const [isEnding, setEnding] = useState(false);
  const { name, locked, lobby } = room;
  return (
    <div className="room-actions">
      <Button
        size="sm"
        icon={<LockIcon />}
        aria-pressed={locked}
        disabled={actions.isBusy}
        onClick={() => actions.run(locked ? "The room is open." : "The room is locked.", () => api.updateRoom(name, { locked: !locked }))}
        data-testid="lock-room"
      >
        {locked ? "Locked: open it" : "Lock"}
      </Button>
      <Button
        size="sm"
        icon={<DoorIcon />}
        aria-pressed={lobby}
        disabled={actions.isBusy}
        onClick={() =>
          actions.run(lobby ? "Newcomers come in at once." : "Newcomers wait to be let in.", () => api.updateRoom(name, { lobby: !lobby }))
        }
        data-testid="lobby-room"
      >
        {lobby ? "Waiting room: switch it off" : "Waiting room"}
      </Button>
      <NoticeForm
        isBusy={actions.isBusy}
        onSend={(text) => actions.run("The notice is in the chat.", () => api.sendNotice(name, text, "Administrator"))}
      />
      <Button size="sm" look="danger" disabled={actions.isBusy} onClick={() => setEnding(true)} data-testid="end-room">
        End the room
      </Button>
      {isEnding ? (
        <ConfirmDialog
          title={`End ${name} for everyone?`}
          detail="All leave at once, and the chat is gone. Whoever has a token may open the room again."
          confirmWords="End the room"
          confirmTestId="end-room-confirm"
          testId="end-room-dialog"
          onConfirm={() => actions.run("The room is over.", () => api.endRoom(name))}
          onClose={() => setEnding(false)}
        />
      ) : null}
    </div>
  );
}

interface RoomListsProps {
  readonly api: AdminApi;
  readonly detail: RoomDetail;
  readonly actions: Actions;
  onMore(): void;
}

function RoomLists({ api, detail: { room, participants, waiting, bans, hasMore }, actions, onMore }: RoomListsProps) {
  const { name } = room;
  const { isBusy, run } = actions;
  return (
    <>
      {waiting.length === 0 ? null : (
        <WaitingList
          waiting={waiting}
          isBusy={isBusy}
          onAdmit={(person) => run("Let in.", () => api.admit(name, person.sid))}
          onRefuse={(person) => run("Turned away.", () => api.refuse(name, person.sid))}
          onAdmitAll={() => run("Everyone is in.", () => api.admitAll(name))}
        />
      )}
      <ParticipantsTable
        participants={participants}
        isBusy={isBusy}
        onMute={(person) => run("Muted.", () => api.mute(name, person.sid))}
        onKick={(person, how) => run("Removed.", () => api.kick(name, person.sid, how))}
      />
      {hasMore ? (
        <Button size="sm" onClick={onMore} data-testid="more-people">
          Show more
        </Button>
      ) : null}
      {bans.length === 0 ? null : (
        <BanList bans={bans} isBusy={isBusy} onLift={(ban) => run("The ban is lifted.", () => api.liftBan(name, ban.identity))} />
      )}
    </>
  );
}
