/** Paints people who sit in front of a camera, so that pictures of the page show faces and no test card. */

interface Sitter {
  readonly wall: readonly [string, string];
  readonly shirt: string;
  readonly skin: string;
  readonly hair: string;
  readonly isLongHaired: boolean;
}

const SITTERS: readonly Sitter[] = [
  { wall: ["#c9d8cf", "#8fb0a0"], shirt: "#27544a", skin: "#e2b493", hair: "#3a2a22", isLongHaired: true },
  { wall: ["#e6d7c3", "#c4a582"], shirt: "#7b3f2c", skin: "#8d5a3c", hair: "#1c1513", isLongHaired: false },
  { wall: ["#cfd6e6", "#97a5c6"], shirt: "#33406b", skin: "#f0cbb0", hair: "#9b5b2b", isLongHaired: false },
  { wall: ["#e3cfd8", "#bd93a6"], shirt: "#5d2f4b", skin: "#c98e68", hair: "#241a1a", isLongHaired: true },
  { wall: ["#dcdccb", "#b0b08c"], shirt: "#55592b", skin: "#f3d3bb", hair: "#c9a25e", isLongHaired: true },
  { wall: ["#c6dbe2", "#86afbf"], shirt: "#1f5163", skin: "#6b4229", hair: "#120d0b", isLongHaired: false },
];

/** A camera track of one of the sitters. */
export function paintedCamera(index: number): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = 960;
  canvas.height = 540;
  const context = canvas.getContext("2d");
  const sitter = SITTERS[index % SITTERS.length];
  if (context === null || sitter === undefined) throw new Error("this browser has no canvas");
  const draw = () => paintSitter(context, sitter, performance.now() / 1_000 + index * 1.7);
  draw();
  setInterval(draw, 100);
  return firstVideo(canvas.captureStream(10));
}

/** A track of a shared screen: a document with a chart. */
export function paintedScreen(): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = 1_280;
  canvas.height = 720;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser has no canvas");
  const draw = () => paintDocument(context);
  draw();
  setInterval(draw, 500);
  return firstVideo(canvas.captureStream(5));
}

function firstVideo(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getVideoTracks();
  if (track === undefined) throw new Error("the canvas gave no track");
  return track;
}

function paintSitter(context: CanvasRenderingContext2D, sitter: Sitter, time: number): void {
  const { width, height } = context.canvas;
  const wall = context.createLinearGradient(0, 0, width, height);
  wall.addColorStop(0, sitter.wall[0]);
  wall.addColorStop(1, sitter.wall[1]);
  context.fillStyle = wall;
  context.fillRect(0, 0, width, height);

  // A window with light in it, and a shelf.
  context.fillStyle = "rgb(255 255 255 / 0.38)";
  context.beginPath();
  context.roundRect(70, 50, 190, 250, 10);
  context.fill();
  context.fillStyle = "rgb(40 30 20 / 0.16)";
  context.fillRect(690, 190, 220, 12);
  [0, 1, 2, 3, 4].forEach((book) =>
    context.fillRect(705 + book * 30, 190 - 62 - (book % 3) * 14, 22, 62 + (book % 3) * 14),
  );

  const sway = Math.sin(time * 0.8) * 5;
  const nod = Math.sin(time * 1.3) * 3;
  const x = width / 2 + sway;
  const y = 250 + nod;

  if (sitter.isLongHaired) {
    context.fillStyle = sitter.hair;
    context.beginPath();
    context.roundRect(x - 118, y - 130, 236, 330, 110);
    context.fill();
  }
  context.fillStyle = sitter.shirt;
  context.beginPath();
  context.roundRect(x - 240, 410, 480, 260, 130);
  context.fill();
  context.fillStyle = sitter.skin;
  context.beginPath();
  context.roundRect(x - 46, y + 60, 92, 130, 46);
  context.fill();
  context.fillStyle = "rgb(60 30 20 / 0.16)";
  context.beginPath();
  context.ellipse(x, y + 100, 45, 40, 0, 0, Math.PI);
  context.fill();
  context.fillStyle = sitter.skin;
  context.beginPath();
  context.ellipse(x, y, 94, 118, 0, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = sitter.hair;
  context.beginPath();
  context.ellipse(x, y - 22, 101, 112, 0, Math.PI, Math.PI * 2);
  context.bezierCurveTo(x + 84, y - 74, x + 40, y - 70, x - 18, y - 84);
  context.bezierCurveTo(x - 46, y - 66, x - 84, y - 62, x - 101, y - 22);
  context.fill();

  context.fillStyle = "#2a1d17";
  const lid = Math.sin(time * 0.9) > 0.985 ? 1 : 8;
  for (const side of [-1, 1]) {
    context.beginPath();
    context.ellipse(x + side * 36, y + 4, 8, lid, 0, 0, Math.PI * 2);
    context.fill();
  }
  context.strokeStyle = "#8a3d33";
  context.lineWidth = 6;
  context.lineCap = "round";
  context.beginPath();
  context.arc(x, y + 36, 30, Math.PI * 0.2, Math.PI * 0.8);
  context.stroke();
}

function paintDocument(context: CanvasRenderingContext2D): void {
  const { width, height } = context.canvas;
  context.fillStyle = "#fbfaf7";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#1b1d1c";
  context.font = "600 44px sans-serif";
  context.fillText("Rehearsal plan", 90, 120);
  context.fillStyle = "#595e5b";
  context.font = "24px sans-serif";
  ["Monday: first choir alone", "Wednesday: second choir alone", "Friday: both, antiphonally"].forEach((line, index) =>
    context.fillText(line, 90, 190 + index * 46),
  );
  [0.4, 0.55, 0.5, 0.72, 0.66, 0.86, 0.95].forEach((part, index) => {
    context.fillStyle = index === 6 ? "#0f6b58" : "#9fc9bc";
    context.beginPath();
    context.roundRect(90 + index * 160, 640 - part * 280, 110, part * 280, 10);
    context.fill();
  });
}
