"""Honest code and its spec for coroutines, which run in the event loops of both sides."""

PAIRS = {
    "asynchronous": (
        """
        import asyncio, contextlib
        async def double(x, delay=0.0):
            await asyncio.sleep(delay)
            return x * 2
        async def call(function, *args): return await function(*args)
        async def ticks(n):
            for i in range(n):
                await asyncio.sleep(0)
                yield i
        class Pool:
            def __init__(self): self.open = False; self.tasks = []
            async def __aenter__(self): self.open = True; return self
            async def __aexit__(self, *error): self.open = False
            def spawn(self, x): self.tasks.append(asyncio.create_task(double(x)))
            async def join(self): return await asyncio.gather(*self.tasks)
            @property
            async def size(self): return len(self.tasks)
        async def fail(): raise ValueError("async")
        cancelled = []
        async def slow():
            try: await asyncio.sleep(30)
            except asyncio.CancelledError:
                cancelled.append(True)
                raise
        """,
        """
        import asyncio, time
        import pytest
        import asynchronous
        from asynchronous import Pool, call, double, fail, slow, ticks

        def test_coroutines():
            assert asyncio.run(double(2)) == 4
            async def main():
                start = time.monotonic()
                assert await asyncio.gather(double(1, 0.2), double(2, 0.2)) == [2, 4]
                assert time.monotonic() - start < 0.39
                assert await asyncio.create_task(double(5)) == 10
                assert await asyncio.wait_for(double(1), 5) == 2
            asyncio.run(main())

        def test_coroutines_of_the_spec():
            async def own(x):
                await asyncio.sleep(0)
                return x + 1
            assert asyncio.run(call(own, 1)) == 2

        def test_async_iterators_and_contexts():
            async def main():
                assert [i async for i in ticks(3)] == [0, 1, 2]
                async with Pool() as pool:
                    assert pool.open
                    pool.spawn(1)
                    pool.spawn(2)
                    assert await pool.join() == [2, 4]
                assert not pool.open
            asyncio.run(main())

        def test_errors_and_cancelling():
            async def main():
                with pytest.raises(ValueError, match="async"):
                    await fail()
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(slow(), 0.05)
            asyncio.run(main())
            assert asynchronous.cancelled == [True]
        """,
    ),
}
