"""pack.py - quantise the trained net and write the file that stages/second_net.c reads.

Activations become 0..127 and weights -127..127, so that pairs of products fit 16 bits and every machine gets the same sums.

The file, little-endian: "ESCRDR1\\n", u32 letters in bytes, the letters (UTF-8; class 0 is the blank, class n the nth letter),
u32 layers, then for each: u32 inputs, outputs, rows, columns, dilation, pool rows, pool columns, flags (1: the input is added
to the output; 2: the output stays as it is, not cut at 0..127), f32 share of the input that is added, f32 factors [outputs],
f32 offsets [outputs], s8 weights [outputs][rows][columns][inputs].  Last, u32 CRC of all before it.
"""
import struct
import zlib

import numpy as np
import torch
import torch.nn.functional as F


def folded(block):
    conv, norm = block[0], block[1]
    g = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return (conv.weight * g.view(-1, 1, 1, 1)).detach(), (norm.bias - norm.running_mean * g).detach(), conv.dilation[1]


class Scale:
    """The largest activation but for one in two thousand, over what was shown."""

    def __init__(self):
        self.seen = []

    def look(self, x):
        flat = x.flatten()
        self.seen.append(torch.quantile(flat[::max(1, flat.numel() // 100000)], .9995).item())

    def value(self):
        return float(np.percentile(self.seen, 97)) / 127


def scales(net, shown):
    n = len(net.look) + 1 + len(net.walk)
    found = [Scale() for _ in range(n)]
    with torch.no_grad():
        for x in shown:
            k = 0
            for conv, pool in zip(net.look, net.pool):
                x = F.max_pool2d(conv(x), pool)
                found[k].look(x)
                k += 1
            x = net.fold(x)
            found[k].look(x)
            k += 1
            for conv in net.walk:
                x = x + conv(x)
                found[k].look(x)
                k += 1
    return [s.value() for s in found]


def layer(w, b, dilation, pool, flags, sx, sy, share):
    co, ci, kh, kw = w.shape
    top = w.abs().amax((1, 2, 3)).clamp(min=1e-8)
    sw = top / 127
    q = torch.round(w / sw.view(-1, 1, 1, 1)).clamp(-127, 127).to(torch.int8).permute(0, 2, 3, 1).contiguous().numpy()
    head = struct.pack('<8If', ci, co, kh, kw, dilation, pool[0], pool[1], flags, share)
    return head + (sw * sx / sy).numpy().astype('<f4').tobytes() + (b / sy).numpy().astype('<f4').tobytes() + q.tobytes()


def write(net, shown, letters, to):
    s = scales(net, shown)
    out, sx, k = [], 1 / 127, 0
    for block, pool in zip(net.look, net.pool):
        w, b, d = folded(block)
        out.append(layer(w, b, d, pool, 0, sx, s[k], 0))
        sx, k = s[k], k + 1
    w, b, d = folded(net.fold)
    out.append(layer(w, b, d, (1, 1), 0, sx, s[k], 0))
    sx, k = s[k], k + 1
    for block in net.walk:
        w, b, d = folded(block)
        out.append(layer(w, b, d, (1, 1), 1, sx, s[k], sx / s[k]))
        sx, k = s[k], k + 1
    out.append(layer(net.out.weight.detach(), net.out.bias.detach(), 1, (1, 1), 2, sx, 1, 0))
    text = letters.encode()
    data = b'ESCRDR1\n' + struct.pack('<I', len(text)) + text + struct.pack('<I', len(out)) + b''.join(out)
    with open(to, 'wb') as f:
        f.write(data + struct.pack('<I', zlib.crc32(data)))
