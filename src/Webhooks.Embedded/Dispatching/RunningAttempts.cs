namespace Webhooks.Embedded.Dispatching;

/// <summary>The attempts under way in the order in which they began, so that those that take long are found without a timer and without looking at the others.</summary>
internal sealed class RunningAttempts
{
    private const int None = -1;

    private Slot[] _slots = [];
    private int _free = None;
    private int _first = None;
    private int _last = None;

    /// <summary>Remembers an attempt, and returns where.</summary>
    public int Begin(Lane lane, long now)
    {
        if (_free == None)
        {
            Grow();
        }

        var index = _free;
        ref var slot = ref _slots[index];
        _free = slot.Next;
        slot = new Slot { Lane = lane, BeganAt = now, Previous = _last, Next = None };
        if (_last == None)
        {
            _first = index;
        }
        else
        {
            _slots[_last].Next = index;
        }

        _last = index;
        return index;
    }

    /// <summary>Forgets an attempt that is over, and returns whose it was.</summary>
    public Lane End(int index, out long beganAt)
    {
        var slot = _slots[index];
        beganAt = slot.BeganAt;
        if (slot.IsOverdue)
        {
            slot.Lane!.Overdue--;
        }
        else
        {
            Unlink(slot);
        }

        _slots[index] = new Slot { Next = _free };
        _free = index;
        return slot.Lane!;
    }

    /// <summary>The lane of the next attempt that began before this time and was not told of before; null where there is none.</summary>
    public Lane? TakeOverdue(long beganBefore)
    {
        if (_first == None || _slots[_first].BeganAt >= beganBefore)
        {
            return null;
        }

        ref var slot = ref _slots[_first];
        slot.IsOverdue = true;
        slot.Lane!.Overdue++;
        var lane = slot.Lane;
        Unlink(slot);
        return lane;
    }

    private void Unlink(Slot slot)
    {
        if (slot.Previous == None)
        {
            _first = slot.Next;
        }
        else
        {
            _slots[slot.Previous].Next = slot.Next;
        }

        if (slot.Next == None)
        {
            _last = slot.Previous;
        }
        else
        {
            _slots[slot.Next].Previous = slot.Previous;
        }
    }

    private void Grow()
    {
        var count = _slots.Length;
        Array.Resize(ref _slots, Math.Max(16, 2 * count));
        for (var index = _slots.Length - 1; index >= count; index--)
        {
            _slots[index].Next = _free;
            _free = index;
        }
    }

    private struct Slot
    {
        public Lane? Lane;
        public long BeganAt;
        public int Previous;
        public int Next;
        public bool IsOverdue;
    }
}
