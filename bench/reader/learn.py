"""learn.py - the net of the line recogniser, and how it is trained, tested and quantised (see ../train_reader)."""
import math
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import lines
import pack

K = len(lines.CHARS) + 1
INDEX = {c: i + 1 for i, c in enumerate(lines.CHARS)}
# where the truth knows capitals only, a small letter counts as its capital
FOLD = torch.zeros(K, K)
for _c in lines.CHARS:
    FOLD[INDEX[_c], INDEX[_c.upper() if _c.upper() in INDEX else _c]] = 1
FOLD[0, 0] = 1
IN_HEIGHT = 32


class Net(nn.Module):
    """Convolutions only: a line is read all at once, and every sum is exact in small integers (pack.py, stages/second.c)."""

    def __init__(self):
        super().__init__()

        def block(ci, co, kernel, padding, dilation=1):
            return nn.Sequential(nn.Conv2d(ci, co, kernel, padding=padding, dilation=dilation, bias=False), nn.BatchNorm2d(co), nn.ReLU())

        self.look = nn.ModuleList([block(1, 24, 3, 1), block(24, 48, 3, 1), block(48, 96, 3, 1), block(96, 128, 3, 1)])
        self.pool = ((2, 2), (2, 2), (2, 1), (2, 1))
        self.fold = block(128, 256, (2, 3), (0, 1))
        self.walk = nn.ModuleList([block(256, 256, (1, 3), (0, d), (1, d)) for d in (1, 2, 4, 8, 1)])
        self.drop = nn.Dropout(.1)
        self.out = nn.Conv2d(256, K, 1)

    def forward(self, x):
        for conv, pool in zip(self.look, self.pool):
            x = F.max_pool2d(conv(x), pool)
        x = self.fold(x)
        for conv in self.walk:
            x = x + conv(x)
        return self.out(self.drop(x)).squeeze(2)  # [n, K, columns]


def wave(n, w, rng):
    """A grid that cuts 32 rows out of 52: another margin, scale, slope and a little wave for each line."""
    y = torch.linspace(-16, 16, IN_HEIGHT).view(1, -1, 1)
    x = torch.arange(w, dtype=torch.float32).view(1, 1, -1)

    def u(a, b):
        return torch.empty(n, 1, 1).uniform_(a, b, generator=rng)

    scale = u(1.04, 1.34)  # of the true box: 32 / scale pixels of its own
    wide = scale * u(.88, 1.14)
    slope, shear = u(-.012, .012), u(-.12, .12)
    ys = 26 + u(-2, 2) + y * scale + x * slope + u(0, .8) * torch.sin(x / u(30, 90) + u(0, 6))
    ys = ys - slope * w / 2
    xs = x * wide + y * shear + u(0, 10)
    return xs, ys, wide.flatten()


def batch(samples, train, rng, seed):
    widest = max(s[0].shape[1] for s in samples)
    pixels = np.full((len(samples), lines.HEIGHT, widest), 0, np.float32)
    for i, (a, _, _, _) in enumerate(samples):
        low, high = np.percentile(a[::2, ::3], (2, 85))
        low = min(low, high - 40)
        pixels[i, :, :a.shape[1]] = np.clip((high - a) / (high - low), 0, 1.2)
    src = torch.from_numpy(pixels).unsqueeze(1)
    if train:
        w = (int(widest / .92) + 7) // 8 * 8
        xs, ys, wide = wave(len(samples), w, rng)
    else:
        w = (int(widest / 1.16) + 7) // 8 * 8
        y = torch.linspace(-16, 16, IN_HEIGHT).view(1, -1, 1)
        xs = (torch.arange(w, dtype=torch.float32).view(1, 1, -1) * 1.16 + 5).expand(len(samples), IN_HEIGHT, w)
        ys = (26 + y * 1.16).expand(len(samples), IN_HEIGHT, w)
        wide = torch.full((len(samples),), 1.16)
    grid = torch.stack((xs / (widest - 1) * 2 - 1, ys / (lines.HEIGHT - 1) * 2 - 1), 3)
    x = F.grid_sample(src, grid, padding_mode='zeros', align_corners=True)
    r = random.Random(seed)
    if train:
        n = len(samples)

        def u(a, b):
            return torch.empty(n, 1, 1, 1).uniform_(a, b, generator=rng)

        if r.random() < .3:  # thinner or thicker strokes
            thick = F.max_pool2d(x, 3, 1, 1) if r.random() < .5 else -F.max_pool2d(-x, 3, 1, 1)
            x = x + (thick - x) * u(0, .6)
        if r.random() < .3:  # out of focus
            x = x + (F.avg_pool2d(x, 3, 1, 1) - x) * u(0, 1)
        if r.random() < .25:  # low resolution
            f = r.uniform(.4, .8)
            x = F.interpolate(F.interpolate(x, scale_factor=f, mode='area'), size=(IN_HEIGHT, w), mode='bilinear', align_corners=False)
        x = (x - .5) * u(.7, 1.25) + .5 + u(-.12, .12)
        x = x + torch.empty_like(x).normal_(0, 1, generator=rng) * u(0, .12).clamp(min=0)
    x = x.clamp(0, 1)
    cols = torch.tensor([min(w, s[0].shape[1] / k.item()) for s, k in zip(samples, wide)]) / 4
    return x, cols.ceil().long().clamp(max=w // 4)


def loss_of(logits, samples, cols):
    logp = F.log_softmax(logits.float(), 1)
    folded = torch.tensor([s[2] for s in samples])
    if folded.any():
        f = torch.log((logp.exp().transpose(1, 2) @ FOLD).transpose(1, 2) + 1e-7)
        logp = torch.where(folded.view(-1, 1, 1), f, logp)
    y = [torch.tensor([INDEX[c] for c in s[1]]) for s in samples]
    lengths = torch.tensor([len(t) for t in y])
    return F.ctc_loss(logp.permute(2, 0, 1), torch.cat(y), cols, lengths, zero_infinity=True)


def plan(seen, made, size, seed):
    """One pass: every real line, and half as many printed ones; batches of lines of a like width."""
    r = random.Random(seed)
    half = r.sample(made, min(len(made), len(seen) // 2 if seen else len(made)))
    order = sorted(seen + half, key=lambda s: s[0].shape[1] + r.random() * 40)
    out = []
    at = 0
    while at < len(order):  # about the same number of pixels in each
        n = max(4, min(96, size // max(60, order[min(at + 8, len(order) - 1)][0].shape[1])))
        out.append(order[at:at + n])
        at += n
    r.shuffle(out)
    return out


def greedy(logits, cols):
    best = logits.argmax(1)
    out = []
    for row, n in zip(best.tolist(), cols.tolist()):
        text, last = [], 0
        for c in row[:n]:
            if c != last and c:
                text.append(lines.CHARS[c - 1])
            last = c
        out.append(''.join(text))
    return out


def distance(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        p = d[:]
        d[0] = i
        for j, z in enumerate(b, 1):
            d[j] = min(p[j] + 1, d[j - 1] + 1, p[j - 1] + (x != z))
    return d[-1]


def measure(net, samples, name):
    net.eval()
    errors = letters = right = 0
    rng = torch.Generator()
    with torch.no_grad():
        order = sorted(samples, key=lambda s: s[0].shape[1])
        for at in range(0, len(order), 48):
            part = order[at:at + 48]
            x, cols = batch(part, False, rng, 0)
            for got, (_, text, folded, _) in zip(greedy(net(x), cols), part):
                got, text = (got.upper(), text.upper()) if folded else (got, text)
                errors += distance(got, text)
                letters += len(text)
                right += ''.join(got.split()) == ''.join(text.split())
    net.train()
    n = max(1, len(samples))
    print('%s: cer %.4f lines_right %.4f (%d lines)' % (name, errors / max(1, letters), right / n, n), flush=True)


def state_file(args):
    return os.path.join(args.work, 'fold%s.pt' % '+'.join(map(str, args.hold_out)))


def restore(args):
    net = Net()
    state = torch.load(state_file(args)) if os.path.exists(state_file(args)) else None
    if state:
        net.load_state_dict(state['net'])
    return net, state


def save(args, net, opt, step, epoch, peak):
    torch.save({'net': net.state_dict(), 'opt': opt.state_dict(), 'step': step, 'epoch': epoch, 'peak': peak}, state_file(args) + '.new')
    os.replace(state_file(args) + '.new', state_file(args))


def train(args, seen, held, made):
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    net, state = restore(args)
    print('weights: %d classes: %d real: %d printed: %d' % (sum(p.numel() for p in net.parameters()), K, len(seen), len(made)))
    opt = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=.01)
    step, epoch, peak = 0, 0, 2e-3
    if state:
        opt.load_state_dict(state['opt'])
        step, epoch, peak = state['step'], state['epoch'], state.get('peak', peak)
    if state and args.again > 0:
        step, peak = 0, args.again
    until = time.time() + args.minutes * 60
    begin, total, count = time.time(), 0.0, 0
    while step < args.steps and time.time() < until:
        for k, samples in enumerate(plan(seen, made, 12000, args.seed * 1000 + epoch)):
            if step >= args.steps or time.time() >= until:
                break
            rng = torch.Generator().manual_seed(args.seed * 1000003 + step)
            rate = peak * min(1, (step + 1) / 300) * (.5 + .5 * math.cos(math.pi * min(1, step / args.steps))) + 1e-6
            for g in opt.param_groups:
                g['lr'] = rate
            x, cols = batch(samples, True, rng, args.seed * 7 + step)
            with torch.autocast('cpu', torch.bfloat16):  # half the time where the machine has it
                logits = net(x)
            loss = loss_of(logits, samples, torch.minimum(cols, torch.tensor(logits.shape[2])))
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5)
            opt.step()
            total += loss.item()
            count += 1
            step += 1
            if step % 200 == 0:
                print('step %d loss %.4f %.0f s' % (step, total / count, time.time() - begin), flush=True)
                total = count = 0
            if step % 1000 == 0 or step == args.steps:
                for name, part in held.items():
                    measure(net, part[::6] if name != 'printed' else part, 'held_' + name)
                save(args, net, opt, step, epoch, peak)
        epoch += 1
    save(args, net, opt, step, epoch, peak)
    for name, part in held.items():
        measure(net, part, 'held_%s_all' % name)


def test(args, seen, held, made):
    torch.set_num_threads(args.threads)
    net, _ = restore(args)
    for name, part in held.items():
        measure(net, part, 'held_%s_all' % name)


def write(args, seen, held, made):
    torch.set_num_threads(args.threads)
    net, state = restore(args)
    net.eval()
    r = random.Random(args.seed)
    rng = torch.Generator()
    some = r.sample(seen, min(300, len(seen))) + r.sample(made, min(300, len(made)))
    shown = [batch([s], False, rng, 0)[0] for s in some]
    pack.write(net, shown, lines.CHARS, args.to)
    print('wrote: %s (step %d)' % (args.to, state['step'] if state else 0))
